"""Generated transforms of images, and seventeen ways to give one row with a picture to a model.

`python -m tests.serving.ways_of_images --examples 300` tries more than the tests do.
"""

import argparse
import base64
import csv
import io
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.serving.twelve_ways import save

import headrace as hr
from headrace.columns import from_arrow
from headrace.data.formats import Origin
from headrace.images import decode_image
from headrace.serving import Predictor
from headrace.serving.files.read_rows import RowReader

t = hr.transform
Picture = Callable[[np.ndarray], bytes]
Op = Callable[[Any], Any]


def _encode(mode: str, format_: str, **options: Any) -> Picture:
    def encode(pixels: np.ndarray) -> bytes:
        file = io.BytesIO()
        Image.fromarray(pixels).convert(mode).save(file, format_, **options)
        return file.getvalue()

    return encode


def _turned(orientation: int) -> Picture:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return _encode("RGB", "jpeg", exif=exif)


def _sixteen_bits(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels[:, :, 0].astype(np.uint16) * 257 + 19).save(file, "png")
    return file.getvalue()


PICTURES: dict[str, Picture] = {
    "png": _encode("RGB", "png"),
    "jpeg": _encode("RGB", "jpeg"),
    "grey png": _encode("L", "png"),
    "grey jpeg": _encode("L", "jpeg"),
    "grey with alpha": _encode("LA", "png"),
    "alpha": _encode("RGBA", "png"),
    "palette": _encode("P", "png"),
    "palette with transparency": _encode("P", "png", transparency=1),
    "1 bit": _encode("1", "png"),
    "16 bits": _sixteen_bits,
    "CMYK": _encode("CMYK", "jpeg"),
    "EXIF 3": _turned(3),
    "EXIF 6": _turned(6),
    "gif": _encode("P", "gif"),
    "bmp": _encode("RGB", "bmp"),
    "tiff": _encode("RGB", "tiff"),
    "webp": _encode("RGB", "webp", lossless=True),
}
SIZED: tuple[Op, ...] = (
    lambda x: t.resize(x, 3, 5),
    lambda x: t.resize(x, 4, 4, antialias=False),
    lambda x: t.resize(x, 6, 2, nearest=True),
    lambda x: t.resize(t.crop_to_aspect_ratio(x, 2, 3), 2, 3),
    lambda x: t.center_crop(t.resize(x, 8, 8), 4, 6),
)
COLOURED: tuple[Op, ...] = (
    lambda x: x,
    t.grayscale,
    lambda x: x / 255,
    lambda x: t.rescale(x, 1 / 127.5, -1),
    lambda x: t.standardize(x, (120, 110, 100), (60, 61, 62)),
)


@dataclass(frozen=True)
class Case:
    """A model, and one row for it.

    Attributes:
        size: What makes pictures of one size.
        colour: What is made of their pixels then.
        picture: The encoding of the row's picture.
        pixels: Its pixels before they are encoded.
        number: The row's other column; None if it is missing.
    """

    size: Op
    colour: Op
    picture: str
    pixels: np.ndarray
    number: float | None


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Generate a case."""
    shape = (draw(st.integers(1, 40)), draw(st.integers(1, 40)), 3)
    random = np.random.default_rng(draw(st.integers(0, 99)))
    return Case(
        draw(st.sampled_from(SIZED)),
        draw(st.sampled_from(COLOURED)),
        draw(st.sampled_from(sorted(PICTURES))),
        random.integers(0, 256, shape, np.uint8),
        draw(st.sampled_from([0.5, -3.0, None])),
    )


def to_transform(case: Case) -> Any:
    """Analyze the transform of a case, on pictures of two sizes."""
    files = [PICTURES["png"](np.full((*size, 3), 7, np.uint8)) for size in ((9, 4), (5, 5))]
    batch = pa.record_batch({"picture": pa.array(files), "n": [1.0, 2.0]})

    def preprocess(x: Mapping[str, Any]) -> dict[str, Any]:
        image = case.colour(case.size(t.decode_image(x["picture"])))
        return {"y": image, "z": t.fill_missing(x["n"], t.mean(x["n"]))}

    return t.analyze(preprocess, [batch])


def list_ways(case: Case, folder: Path) -> dict[str, Callable[[Predictor], Any]]:
    """List the ways by name: functions that return what `Predictor.run` takes."""
    data, n = PICTURES[case.picture](case.pixels), case.number
    path = folder / "picture"  # by its bytes, not by its name, it is known what it is
    path.write_bytes(data)
    stored = pa.table({"picture": pa.array([data]), "n": pa.array([n], pa.float64())})
    named = pa.table({"picture": [str(path)], "n": pa.array([n], pa.float64())})
    url = "data:application/octet-stream;base64," + base64.b64encode(data).decode()
    with (folder / "row.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["n", "picture"], [n, path]])
    (folder / "row.jsonl").write_text(json.dumps({"picture": str(path), "n": n}))
    (folder / "row.json").write_text(json.dumps([{"picture": url, "n": n}]))
    pq.write_table(stored, folder / "row.parquet")
    hr.records.write(folder / "row.tfrecord", stored)

    def read(name: str) -> Callable[[Predictor], pa.RecordBatch]:
        def read_with(predictor: Predictor) -> pa.RecordBatch:
            (batch,) = RowReader(Origin(str(folder / name)), predictor.columns, ()).read()
            return batch

        return read_with

    return {
        "path": lambda _: {"picture": path, "n": n},
        "text of a path": lambda _: {"picture": str(path), "n": n},
        "bytes": lambda _: {"picture": data, "n": n},
        "memoryview": lambda _: [{"picture": memoryview(data), "n": n}],
        "data URL": lambda _: {"picture": url, "n": n},
        "Pillow": lambda _: {"picture": Image.open(path), "n": n},
        "array": lambda _: {"picture": decode_image(data), "n": n},
        "columns": lambda _: {"picture": [data], "n": [n]},
        "pandas": lambda _: pd.DataFrame({"picture": [str(path)], "n": [n]}),
        "Polars": lambda _: pl.DataFrame({"picture": [data], "n": [n]}),
        "Arrow": lambda _: stored,
        "Arrow, names": lambda _: named,
        "CSV": read("row.csv"),
        "JSON": read("row.json"),
        "JSON lines": read("row.jsonl"),
        "Parquet": read("row.parquet"),
        "TFRecord": read("row.tfrecord"),
    }  # fmt: skip


def check(case: Case) -> None:
    """Check that each way gives the training path's bits."""
    with tempfile.TemporaryDirectory() as folder:
        transform = to_transform(case)
        predictor = save(transform, Path(folder) / "model.onnx")
        data = PICTURES[case.picture](case.pixels)
        features = transform(pa.record_batch({"picture": [data], "n": pa.array([case.number], pa.float64())}))
        for way, make in list_ways(case, Path(folder)).items():
            found = predictor.run(make(predictor))
            for name in features.schema.names:
                right = from_arrow(features[name])
                assert found[name].dtype == right.dtype, (case.picture, way, name)
                np.testing.assert_array_equal(found[name], right, err_msg=f"{case.picture}, {way}: {name}")


def main() -> None:
    """Try many cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=300)
    examples = parser.parse_args().examples
    settings(max_examples=examples, deadline=None, database=None)(given(cases())(check))()
    print(f"{examples:,} cases of images, seventeen ways each")


if __name__ == "__main__":
    main()
