"""A model answers images as paths, bytes, images of Pillow and arrays, of any sizes, in the order of rows."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch
from PIL import Image

import headrace as hr
from headrace.images import decode_image, encode_png
from headrace.serving import Predictor
from headrace.serving.images import answer_by_size

RANDOM = np.random.default_rng(0)
SIZES = [(4, 9), (30, 2), (4, 9), (8, 8), (30, 2), (1, 1), (4, 9)]
PIXELS = [RANDOM.integers(0, 256, (*size, 3), np.uint8) for size in SIZES]
FILES = [encode_png(pixels) for pixels in PIXELS]


def resized(inputs: Any) -> dict[str, hr.transform.Column]:
    t = hr.transform
    image = t.reshape(t.resize(t.decode_image(inputs["image"]), 2, 2), (12,))
    return {"y": image + inputs["n"]} if "n" in inputs else {"y": image}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    path = tmp_path_factory.mktemp("model") / "model.onnx"
    hr.transform.analyze(resized, [pa.record_batch({"image": pa.array(FILES)})]).to_onnx(path)
    return hr.serving.load(path)


@pytest.fixture(scope="module")
def expected() -> np.ndarray:
    batch = pa.record_batch({"image": pa.array(FILES)})
    return np.array(hr.transform.analyze(resized, [batch])(batch)["y"].to_pylist(), np.float32)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("images")
    found = [folder / f"{number}.png" for number in range(len(FILES))]
    for path, file in zip(found, FILES, strict=True):
        path.write_bytes(file)
    return found


FORMS: dict[str, Callable[[Path], Any]] = {
    "path": lambda path: path,
    "str": str,
    "bytes": Path.read_bytes,
    "memoryview": lambda path: memoryview(path.read_bytes()),
    "PIL": Image.open,
    "array": lambda path: decode_image(path.read_bytes()),
    "int64 array": lambda path: decode_image(path.read_bytes()).astype(np.int64),
    "tensor": lambda path: torch.from_numpy(decode_image(path.read_bytes())),
    "with alpha": lambda path: decode_image(path.read_bytes(), channels=4),
    "data URL": lambda path: "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode(),
    "struct": lambda path: {"bytes": path.read_bytes(), "path": None},
    "struct of a path": lambda path: {"bytes": None, "path": str(path)},
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_an_image_has_one_answer(
    model: Predictor, expected: np.ndarray, paths: list[Path], form: str
) -> None:
    images = [FORMS[form](path) for path in paths]
    answers = [{"image": images}, [{"image": image} for image in images]]
    if form not in ("struct", "struct of a path"):
        answers.append(images)
    for data in answers:
        assert np.array_equal(model.run(data)["y"], expected)
    for number, image in enumerate(images):
        assert np.array_equal(model.run({"image": image})["y"], expected[[number]])


@pytest.mark.parametrize(
    "make_table",
    [
        lambda _: pa.table({"image": pa.array(FILES)}),
        lambda _: pa.table({"image": pa.array(FILES, pa.large_binary())}),
        lambda _: pa.table({"image": pa.array(FILES).dictionary_encode()}),
        lambda _: pa.record_batch({"image": [{"bytes": each, "path": "a"} for each in FILES]}),
        lambda paths: pa.table({"image": list(map(str, paths))}),
        lambda paths: pd.DataFrame({"id": 1, "image": list(map(str, paths))}),
        lambda _: pd.DataFrame({"id": 1, "image": FILES}),
        lambda paths: pd.DataFrame({"image": list(map(Image.open, paths))}),
        lambda _: pl.DataFrame({"image": FILES, "id": 1}),
        lambda _: {"image": np.array(FILES, object), "other": FILES},
        lambda _: {"image": pa.chunked_array([pa.array(FILES[:3]), pa.array(FILES[3:])])},
    ],
)
def test_every_table_of_images_has_one_answer(
    model: Predictor, expected: np.ndarray, paths: list[Path], make_table: Any
) -> None:
    assert np.array_equal(model.run(make_table(paths))["y"], expected)


def test_a_dense_batch_of_one_size_is_answered(model: Predictor, expected: np.ndarray) -> None:
    rows = [row for row, size in enumerate(SIZES) if size == (4, 9)]
    dense = np.stack([PIXELS[row] for row in rows])
    for data in (dense, {"image": dense}, hr.Dataset.from_arrays({"image": dense}).head(9)):
        assert np.array_equal(model.run(data)["y"], expected[rows])
    assert np.array_equal(model.run({"image": PIXELS[0].tolist()})["y"], expected[:1])  # as in JSON
    grey = PIXELS[3][:, :, 0]
    assert np.array_equal(model.run(grey)["y"], model.run(np.dstack([grey] * 3))["y"])


def test_no_rows_have_no_answers(model: Predictor) -> None:
    for data in (
        {"image": []},
        np.zeros((0, 5, 5, 3), np.uint8),
        pa.table({"image": pa.array([], pa.binary())}),
    ):
        assert model.run(data)["y"].shape == (0, 12)


def test_batches_are_bounded_and_rows_stay_in_order(
    model: Predictor, expected: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    module: Any = __import__(answer_by_size.__module__, fromlist=["_"])
    for name, value in (("_MOST_ROWS", 2), ("_MOST_BYTES", 200), ("_MOST_WAITING", 300)):
        monkeypatch.setattr(module, name, value)
        assert np.array_equal(model.run(FILES)["y"], expected)


def test_other_columns_go_with_their_images(tmp_path: Path, expected: np.ndarray) -> None:
    numbers = np.arange(len(FILES), dtype=np.float32) * 1000
    batch = pa.record_batch({"image": pa.array(FILES), "n": numbers})
    transform = hr.transform.analyze(resized, [batch])
    transform.to_onnx(tmp_path / "m.onnx")
    model = hr.serving.load(tmp_path / "m.onnx")
    right = np.array(transform(batch)["y"].to_pylist(), np.float32)
    assert np.array_equal(right, expected + numbers[:, None])
    rows = [{"n": float(n), "image": file} for n, file in zip(numbers, FILES, strict=True)]
    for data in (batch, {"n": numbers, "image": PIXELS}, rows, pd.DataFrame(rows), pl.DataFrame(rows)):
        assert np.array_equal(model.run(data)["y"], right)
    assert np.array_equal(model.run(rows[2])["y"], right[[2]])
    with pytest.raises(hr.SchemaError, match=r"feature 'n': expected 7 rows, as in 'image', got 2"):
        model.run({"image": FILES, "n": [1.0, 2.0]})
    with pytest.raises(hr.SchemaError, match=r"feature 'n': the column is missing"):
        model.run({"image": FILES})
    with pytest.raises(hr.SchemaError, match=r"feature 'image': the column is missing; did you mean 'imag'"):
        model.run({"imag": FILES, "n": numbers})


@pytest.mark.parametrize(
    ("image", "error", "message"),
    [
        (b"", hr.RecordError, "record 1: feature 'image': expected a JPEG, .* got an empty file"),
        (FILES[1][:90], hr.RecordError, "record 1: feature 'image': corrupt PNG image"),
        (b"%PDF-1.7", hr.RecordError, "record 1: feature 'image': .* got a PDF file"),
        ("nowhere.png", hr.UsageError, "nowhere.png: feature 'image': cannot be read"),
        ("data:image/png,x", hr.RecordError, "record 1: .* not a data URL of an image .expected base64"),
        ("data:image/png;base64,!", hr.RecordError, "record 1: .* not a data URL of an image"),
        (None, hr.RecordError, "record 1: feature 'image': the image is missing; drop the rows"),
        (np.zeros((3, 8, 8), np.uint8), hr.SchemaError, r"got uint8 \[3, 8, 8\]; move the channels"),
        (np.zeros((8, 8, 3)) + 0.5, hr.SchemaError, "got float64 .*; pass whole numbers from 0 to 255"),
        (np.full((8, 8, 3), 256), hr.SchemaError, "got int64 .*; pass whole numbers from 0 to 255"),
        (np.zeros((8, 8, 5), np.uint8), hr.SchemaError, r"got uint8 \[8, 8, 5\]"),
        (np.zeros((0, 8, 3), np.uint8), hr.SchemaError, r"got uint8 \[0, 8, 3\]"),
        (Image.fromarray(np.zeros((2, 2), np.float32)), hr.RecordError, "8 or 16 bits, got mode 'F'"),
        (7, hr.SchemaError, r"expected a path, the bytes of a file, .* got int64 \[\]"),
    ],
)  # fmt: skip
def test_what_is_not_an_image_names_the_row_and_the_column(
    model: Predictor, image: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        model.run({"image": [FILES[0], image]})


def test_exif_orientation_of_pillow_is_that_of_the_file(model: Predictor, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(PIXELS[0]).save(file, "JPEG", exif=exif)
    (tmp_path / "a.jpg").write_bytes(file.getvalue())
    answers = [model.run(each)["y"] for each in (file.getvalue(), tmp_path / "a.jpg", Image.open(file))]
    assert decode_image(file.getvalue()).shape == (9, 4, 3)
    assert np.array_equal(answers[0], answers[1])
    assert np.array_equal(answers[0], answers[2])


@pytest.mark.parametrize("shape", [(6, 5), (6, 5, 1), (6, 5, 3), (3, 6, 5)])
def test_files_are_fitted_to_a_model_of_one_size_with_a_warning(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    pixels = RANDOM.integers(0, 256, (6, 5, 3), np.uint8)
    grey = np.dstack([pixels[:, :, 0]] * 3)
    fixed = pixels if 3 in shape else grey
    dense = (
        np.moveaxis(fixed, -1, 0)
        if shape[0] == 3
        else fixed[..., : shape[-1]].reshape(shape)
        if len(shape) == 3
        else grey[..., 0]
    )
    ds = hr.Dataset.from_arrays({"x": dense[None]})
    hr.transform.analyze(lambda x: {"y": hr.transform.cast(x["x"], "float32")}, ds).to_onnx(
        tmp_path / "m.onnx"
    )
    model = hr.serving.load(tmp_path / "m.onnx")
    (answer,) = model.run({"x": encode_png(fixed)})["y"]
    assert np.array_equal(answer, dense)
    assert np.array_equal(model.run({"x": dense[None]})["y"][0], dense)
    expected = r"x: the model takes uint8 \[.*\]: images are (made grey and )?resized to 5 x 6"
    with pytest.warns(UserWarning, match=expected):
        assert model.run({"x": [encode_png(PIXELS[1]), encode_png(fixed)]})["y"].shape == (2, *shape)
