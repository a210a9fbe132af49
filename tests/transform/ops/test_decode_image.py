"""Encoded images of any sizes go through analysis and transforms, from wherever their bytes come."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import headrace as hr
from headrace import records
from headrace import transform as t
from headrace.columns import to_arrow
from headrace.images import decode_image, encode_jpeg, encode_png
from headrace.transform.analysis import states
from headrace.transform.evaluation import rows_of_any_size

RANDOM = np.random.default_rng(0)
PIXELS = [
    RANDOM.integers(0, 256, (height, width, 3), np.uint8) for height, width in ((4, 9), (30, 2), (8, 8))
]


def turned(pixels: np.ndarray) -> bytes:
    exif, file = Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    Image.fromarray(pixels).save(file, "JPEG", exif=exif)
    return file.getvalue()


FILES = [encode_png(PIXELS[0]), encode_jpeg(PIXELS[1]), turned(PIXELS[2])]


def small(inputs: Any) -> dict[str, t.Column]:
    return {"image": t.resize(t.decode_image(inputs["image"]), 5, 6)}


def structs() -> pa.Array:
    rows = [{"bytes": file, "path": f"{number}.jpg"} for number, file in enumerate(FILES)]
    return pa.array(rows, pa.struct({"bytes": pa.binary(), "path": pa.string()}))


def from_folder(folder: Path) -> hr.Dataset:
    (folder / "cat").mkdir()
    for number, file in enumerate(FILES):
        (folder / "cat" / f"{number}.jpg").write_bytes(file)
    return hr.Dataset.from_images(folder)


def from_parquet(folder: Path) -> hr.Dataset:
    pq.write_table(pa.table({"image": structs()}), folder / "a.parquet")
    return hr.Dataset.from_parquet(folder / "a.parquet")


def from_records(folder: Path) -> hr.Dataset:
    records.write(folder / "a.tfrecord", pa.record_batch({"image/encoded": pa.array(FILES)}))
    return hr.Dataset.from_records(folder / "a.tfrecord").rename({"image/encoded": "image"})


def from_dictionary(_: Path) -> hr.Dataset:
    return hr.Dataset.from_arrow(pa.table({"image": pa.array(FILES).dictionary_encode()}))


def from_path_only(folder: Path) -> hr.Dataset:
    for number, file in enumerate(FILES):
        (folder / str(number)).write_bytes(file)
    rows = [{"bytes": None, "path": str(folder / str(number))} for number in range(len(FILES))]
    type_ = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    return hr.Dataset.from_arrow(pa.table({"image": pa.array(rows, type_)}))


@pytest.mark.parametrize(
    "open_dataset",
    [
        from_folder,
        from_parquet,
        from_records,
        from_dictionary,
        from_path_only,
        lambda _: hr.Dataset.from_arrow(pa.table({"image": pa.array(FILES, pa.large_binary())})),
        lambda _: hr.Dataset.from_arrow(pa.table({"image": pa.array(FILES, pa.binary_view())})),
        lambda _: hr.Dataset.from_arrow(pa.table({"image": structs()})),
    ],
)
def test_pixels_are_the_same_from_every_source(
    open_dataset: Callable[[Path], hr.Dataset], tmp_path: Path
) -> None:
    ds = open_dataset(tmp_path)
    transform = hr.transform.analyze(small, ds)
    found: Any = next(iter(ds.map(transform)))["image"]
    pixels = [np.moveaxis(decode_image(file), -1, 0)[None] for file in FILES]
    dense = [to_arrow(each) for each in pixels]
    expected: list[Any] = [
        t.analyze(lambda x: {"y": t.resize(x["x"], 5, 6)}, [batch])(batch)["y"]
        for batch in (pa.record_batch({"x": each}) for each in dense)
    ]
    for row, each in zip(found.to_numpy_ndarray(), expected, strict=True):
        assert np.array_equal(row, each.to_numpy_ndarray()[0])


def test_statistics_of_images_do_not_depend_on_the_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = pa.record_batch({"image": pa.array(FILES * 5)})

    def preprocess(x: Any) -> dict[str, t.Column]:
        return {"image": t.scale_to_z_score(small(x)["image"])}

    whole = t.analyze(preprocess, [batch]).statistics
    monkeypatch.setattr(rows_of_any_size, "_BYTES_AT_ONCE", 1)
    nodes = t.analyze(small, [batch]).graph.outputs.values()
    assert states.count_rows_at_once(nodes) == 1
    assert t.analyze(preprocess, [batch]).statistics == whole


def test_a_file_that_cannot_be_decoded_is_named(tmp_path: Path) -> None:
    ds = from_folder(tmp_path)
    transform = t.analyze(small, ds)
    (tmp_path / "cat" / "1.jpg").write_bytes(FILES[1][:200])
    with pytest.raises(hr.RecordError, match=r"^cat/1.jpg: feature 'image': corrupt JPEG image"):
        list(hr.Dataset.from_images(tmp_path).map(transform))
    with pytest.raises(hr.RecordError, match=r"^cat/1.jpg: feature 'image': corrupt JPEG image"):
        t.analyze(lambda x: {"y": t.scale_to_0_1(small(x)["image"])}, hr.Dataset.from_images(tmp_path))
    batch = pa.record_batch({"image": pa.array([FILES[0], FILES[1][:200]])})
    with pytest.raises(hr.RecordError, match=r"^record 1: feature 'image': corrupt JPEG"):
        transform(batch)
    with pytest.raises(hr.RecordError, match=r"^record 0: feature 'image': the image is missing; drop"):
        transform(pa.record_batch({"image": pa.array([None], pa.binary())}))
    with pytest.raises(hr.RecordError, match="got an empty file"):
        transform(pa.record_batch({"image": pa.array([b""])}))


@pytest.mark.parametrize(
    ("preprocess", "message"),
    [
        (
            lambda x: {"y": t.decode_image(x["x"])},
            "output 'y' has images of any size, uint8.3, ., ..; resize",
        ),
        (lambda x: {"y": t.scale_to_z_score(t.decode_image(x["x"]))}, "expects rows of one shape"),
        (lambda x: {"y": t.center_crop(t.decode_image(x["x"]), 2, 2)}, "resize the images first"),
        (lambda x: {"y": t.resize(x["x"], 2, 2)}, "got string; decode the files first"),
        (lambda x: {"y": t.resize(t.decode_image(t.lower(x["x"])), 2, 2)}, "expects an input column"),
        (lambda x: {"y": t.resize(t.decode_image(x["n"]), 2, 2)}, "expects a column of encoded images"),
        (
            lambda x: {"y": t.resize(t.decode_image(x["x"]), 2, 2), "z": t.string_length(x["x"])},
            "decoded as an image, and used without decoding",
        ),
        (
            lambda x: {"y": t.resize(t.decode_image(x["x"]), 2, 2), "x": x["x"]},
            "decoded as an image, and used without decoding",
        ),
        (
            lambda x: {"y": t.resize(t.decode_image(x["x"]) + t.decode_image(x["z"]), 2, 2)},
            "cannot broadcast",
        ),
    ],
)
def test_what_needs_one_shape_is_refused_when_traced(preprocess: Any, message: str) -> None:
    batch = pa.record_batch({"x": pa.array(FILES), "z": pa.array(FILES), "n": [1, 2, 3]})
    with pytest.raises(hr.TraceError, match=message):
        t.analyze(preprocess, [batch])


def test_two_columns_of_images_have_sizes_of_their_own(tmp_path: Path) -> None:
    batch = pa.record_batch({"left": pa.array(FILES), "right": pa.array(FILES[::-1])})

    def preprocess(x: Any) -> dict[str, t.Column]:
        left, right = (t.resize(t.decode_image(x[name]), 4, 4) for name in ("left", "right"))
        return {"difference": left - right}

    transform = t.analyze(preprocess, [batch])
    transform.save(tmp_path / "t")
    assert t.Transform.load(tmp_path / "t")(batch).equals(transform(batch))
    assert transform.graph.encodings == {"left": "image", "right": "image"}
    inputs = {each.name: each for each in transform.to_onnx().graph.input}
    names = [dim.dim_param for dim in inputs["right"].type.tensor_type.shape.dim]
    assert names == ["rows", "right_height", "right_width", ""]


def test_bytes_are_not_tensors_the_hint_says_how_to_decode_them() -> None:
    with pytest.raises(hr.SchemaError, match="bytes cannot be converted to a tensor; decode images first"):
        next(iter(hr.Dataset.from_arrow(pa.table({"image": FILES})).to_torch()))
