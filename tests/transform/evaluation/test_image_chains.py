"""Images that the kernels decode, crop, resize and scale in one pass: the values of the ops one by one."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from headrace import transform as t
from headrace.columns import to_arrow
from headrace.images import decode_image, encode_jpeg, encode_png
from headrace.transform.evaluation.image_chains import ImageChain, find_image_chains
from headrace.transform.evaluation.rows_of_any_size import find_row_chains
from headrace.transform.graph.graph import topological_sort

RANDOM = np.random.default_rng(0)
SIZES = [(16, 16), (1, 1), (5, 40), (33, 7), (64, 48), (31, 31), (100, 9)]
PIXELS = [RANDOM.integers(0, 256, (*size, 3), np.uint8) for size in SIZES]
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def encode(pixels: np.ndarray, format_: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format_, **options)
    return file.getvalue()


exif = Image.Exif()
exif[0x0112] = 6
FILES = [encode_jpeg(each) for each in PIXELS] + [encode_png(each) for each in PIXELS]
FILES += [encode(PIXELS[4], "JPEG", exif=exif), encode(PIXELS[4], "BMP"), encode_png(PIXELS[3][..., 0])]


def normalize(image: t.Column) -> t.Column:
    return t.standardize(t.rescale(image, 1 / 255), MEAN, DEVIATION)


Read = Callable[[Any], t.Column]
PREPROCESS: dict[str, Callable[[Any, Read], t.Column]] = {
    "smaller": lambda x, read: t.resize(read(x), 16, 16),
    "larger": lambda x, read: t.resize(read(x), 130, 77),
    "bilinear": lambda x, read: t.resize(read(x), 9, 12, antialias=False),
    "nearest": lambda x, read: t.resize(read(x), 20, 13, nearest=True),
    "a point": lambda x, read: t.resize(read(x), 1, 1),
    "square": lambda x, read: t.resize(t.crop_to_aspect_ratio(read(x)), 12, 12),
    "wide": lambda x, read: t.resize(t.crop_to_aspect_ratio(read(x), 3, 5), 6, 10, antialias=False),
    "normalized": lambda x, read: normalize(t.resize(read(x), 16, 16)),
    "added": lambda x, read: 3.5 + t.resize(read(x), 8, 8) / 2.0,
}


def decode_first(x: Any) -> t.Column:
    return t.decode_image(x["image"])


def count_fused(transform: t.Transform) -> int:
    """Count the steps that the kernels do in one pass; 0 if the images are decoded row by row."""
    outputs = list(transform.folded_graph.outputs.values())
    order = topological_sort(outputs)
    chains = find_image_chains(order, outputs, find_row_chains(order))
    return sum(
        len(each.rows.nodes) + len(each.scaled) for each in chains.values() if isinstance(each, ImageChain)
    )


@pytest.mark.parametrize("name", PREPROCESS)
def test_values_are_those_of_the_ops_one_by_one(name: str) -> None:
    preprocess = PREPROCESS[name]
    batch = pa.record_batch({"image": pa.array(FILES)})
    fast = t.analyze(lambda x: {"y": preprocess(x, decode_first)}, [batch])
    assert count_fused(fast) >= 3
    found = fast(batch)["y"].to_numpy_ndarray()
    for file, row in zip(FILES, found, strict=True):
        dense = pa.record_batch({"image": to_arrow(np.moveaxis(decode_image(file), -1, 0)[None])})
        plain = t.analyze(lambda x: {"y": preprocess(x, lambda x: x["image"])}, [dense])
        assert np.array_equal(plain(dense)["y"].to_numpy_ndarray()[0], row)


def test_a_batch_without_rows_has_the_same_columns() -> None:
    batch = pa.record_batch({"image": pa.array(FILES)})
    transform = t.analyze(lambda x: {"y": t.resize(decode_first(x), 4, 5)}, [batch])
    assert transform(batch.slice(0, 0))["y"].to_numpy_ndarray().shape == (0, 3, 4, 5)
    assert transform.output_schema.equals(transform(batch).schema)


def test_arithmetic_is_fused_where_nothing_else_needs_the_values() -> None:
    batch = pa.record_batch({"image": pa.array(FILES)})

    def preprocess(x: Any) -> dict[str, t.Column]:
        pixels = t.resize(t.decode_image(x["image"]), 16, 16)
        return {"pixels": pixels, "half": pixels / 2.0}

    both = t.analyze(preprocess, [batch])
    assert count_fused(both) == 3
    halves = both.select(["half"])
    assert count_fused(halves) == 4
    assert halves(batch)["half"].equals(both(batch)["half"])


def test_other_steps_on_images_of_any_size_are_evaluated_row_by_row() -> None:
    batch = pa.record_batch({"image": pa.array(FILES)})
    grey = t.analyze(lambda x: {"y": t.resize(t.decode_image(x["image"]) + 1, 4, 4)}, [batch])
    assert count_fused(grey) == 0
    assert grey(batch)["y"].to_numpy_ndarray().shape == (len(FILES), 3, 4, 4)
