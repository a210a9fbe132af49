"""`headrace predict` on photos: folders with and without classes, files, patterns, and tables of images."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import headrace as hr
from headrace.images import encode_jpeg, encode_png

from .commands import error_line, run_command

RANDOM = np.random.default_rng(0)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("here") / "photos"
    for number, name in enumerate(("b.jpg", "cat/c.png", "a.png", "dog/d.JPG")):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = RANDOM.integers(0, 256, (9 + number, 30 - number, 3), np.uint8)
        path.write_bytes(encode_png(pixels) if path.suffix == ".png" else encode_jpeg(pixels))
    return root


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def preprocess(x: Any) -> dict[str, Any]:
        t = hr.transform
        return {
            "mean": t.reshape(t.resize(t.grayscale(t.resize(t.decode_image(x["image"]), 8, 8)), 1, 1), ())
        }

    path = tmp_path_factory.mktemp("model") / "model.onnx"
    hr.transform.analyze(preprocess, [pa.record_batch({"image": pa.array([b""])})]).to_onnx(path)
    return path


@pytest.fixture(scope="module")
def grey_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of pixels of one size, as that of Fashion-MNIST."""
    path = tmp_path_factory.mktemp("grey") / "model.onnx"
    ds = hr.Dataset.from_arrays({"image": np.zeros((1, 28, 28), np.uint8)})

    def preprocess(x: Any) -> dict[str, Any]:
        t = hr.transform
        return {"mean": t.reshape(t.resize(x["image"], 1, 1), ())}

    hr.transform.analyze(preprocess, ds).to_onnx(path)
    return path


def predict(*words: object) -> list[dict[str, Any]]:
    done = run_command("predict", *words)
    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def test_folders_files_and_patterns_are_answered_with_their_paths(photos: Path, model: Path) -> None:
    every = [str(photos / name) for name in ("a.png", "b.jpg", "cat/c.png", "dog/d.JPG")]
    rows = predict(model, photos)
    assert [row["path"] for row in rows] == every
    answers = hr.serving.load(model).predict(every)["mean"].to_pylist()
    assert [np.float32(row["mean"]) for row in rows] == answers
    assert predict(model, photos / "cat") == rows[2:3]
    assert predict(model, every[1]) == rows[1:2]
    assert predict(model, photos / "*.png") == rows[:1]
    assert predict(model, every[3], every[0]) == [rows[3], rows[0]]
    assert predict(model, photos, "--limit", 3, "--keep", "path") == rows[:3]


def test_answers_of_images_are_written_to_a_file(photos: Path, model: Path, tmp_path: Path) -> None:
    rows = predict(model, photos)
    done = run_command("predict", model, photos, "--out", tmp_path / "a.parquet")
    assert done.code == 0, done.err
    assert "4 rows → " in done.out
    table = pq.read_table(tmp_path / "a.parquet")
    assert table["path"].to_pylist() == [row["path"] for row in rows]


def test_unreadable_images_are_counted_and_named(photos: Path, model: Path, tmp_path: Path) -> None:
    for name, data in (("good.png", (photos / "a.png").read_bytes()), ("bad.png", b"x"), ("no.jpg", b"")):
        (tmp_path / name).write_bytes(data)
    done = run_command("predict", model, tmp_path)
    assert done.code == 0, done.err
    assert [json.loads(line)["path"] for line in done.out.splitlines()] == [str(tmp_path / "good.png")]
    (line,) = done.err.splitlines()
    assert line.startswith("warning: 2 of 3 images cannot be read: ")
    assert f"{tmp_path / 'bad.png'} (expected a JPEG" in line
    assert f"{tmp_path / 'no.jpg'} (expected a JPEG" in line
    assert "bad.png: expected a JPEG" in error_line(run_command("predict", model, tmp_path / "bad.png"))
    assert "nowhere.png" in error_line(run_command("predict", model, tmp_path / "nowhere.png"))
    line = error_line(run_command("predict", model, photos, "--keep", "label"))
    assert "feature 'label': image files have the column 'path' only" in line


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet", "a.tfrecord"])
def test_tables_of_images_have_the_answers_of_the_files(
    photos: Path, model: Path, tmp_path: Path, name: str
) -> None:
    files = [str(photos / each) for each in ("a.png", "b.jpg", "cat/c.png", "dog/d.JPG")]
    table = pa.table({"id": [4, 3, 2, 1], "image": [Path(file).read_bytes() for file in files]})
    path = tmp_path / name
    if path.suffix == ".csv":
        path.write_text("id,image\n" + "".join(f"{4 - n},{file}\n" for n, file in enumerate(files)))
    elif path.suffix == ".jsonl":
        path.write_text(
            "".join(json.dumps({"id": 4 - n, "image": file}) + "\n" for n, file in enumerate(files))
        )
    elif path.suffix == ".parquet":
        structs = [{"bytes": each, "path": None} for each in table["image"].to_pylist()]
        pq.write_table(table.set_column(1, "image", pa.array(structs)), path)
    else:
        hr.records.write(path, table)
    found = predict(model, path, "--keep", "id")
    assert [row["id"] for row in found] == [4, 3, 2, 1]
    assert [row["mean"] for row in found] == [row["mean"] for row in predict(model, photos)]


def test_a_damaged_image_of_a_table_is_named_by_file_and_row(
    photos: Path, model: Path, tmp_path: Path
) -> None:
    images = [(photos / "a.png").read_bytes()] * 40 + [b"x"]
    pq.write_table(pa.table({"image": images}), tmp_path / "a.parquet")
    line = error_line(run_command("predict", model, tmp_path / "a.parquet"))
    assert line.startswith(
        f"RecordError: {tmp_path / 'a.parquet'}, record 40: feature 'image': expected a JPEG"
    )


def test_a_model_of_pixels_of_one_size_takes_photos_with_a_warning(
    photos: Path, grey_model: Path, tmp_path: Path
) -> None:
    done = run_command("predict", grey_model, photos)
    assert done.code == 0, done.err
    assert len(done.out.splitlines()) == 4
    message = "image: the model takes uint8 [28, 28]: images are made grey and resized to 28 x 28"
    assert done.err.splitlines() == [f"warning: {message}"]
    exact = RANDOM.integers(0, 256, (28, 28), np.uint8)
    (tmp_path / "exact.png").write_bytes(encode_png(exact))
    done = run_command("predict", grey_model, tmp_path)
    assert (done.code, done.err) == (0, "")
    expected = hr.serving.load(grey_model).predict({"image": exact[None]})["mean"][0].as_py()
    assert np.float32(json.loads(done.out)["mean"]) == expected


def test_a_model_of_text_is_not_fed_photos(photos: Path) -> None:
    model = Path(__file__).parents[1] / "golden" / "models" / "offers.onnx"
    assert error_line(run_command("predict", model, photos / "a.png"))
    assert "the column is missing; the model needs text, price" in run_command("predict", model, photos).err
