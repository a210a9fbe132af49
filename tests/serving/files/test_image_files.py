"""Image files by path, folder and pattern, with and without class folders; unreadable ones are counted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import headrace as hr
from headrace.data.sources import list_image_files
from headrace.images import encode_jpeg, encode_png
from headrace.serving import Predictor
from headrace.serving.files import image_files

RANDOM = np.random.default_rng(0)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    root = tmp_path / "photos"
    for name in ("b.jpg", "cat/c.PNG", "cat/below/d.png", "a.png", "dog/e.jpeg"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = RANDOM.integers(0, 256, (*RANDOM.integers(1, 40, 2), 3), np.uint8)
        path.write_bytes(encode_png(pixels) if path.suffix.lower() == ".png" else encode_jpeg(pixels))
    return root


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    def preprocess(x: Any) -> dict[str, Any]:
        t = hr.transform
        return {"sum": t.reshape(t.resize(t.decode_image(x["image"]), 1, 1), (3,))}

    path = tmp_path_factory.mktemp("model") / "model.onnx"
    batch = pa.record_batch({"image": pa.array([b""])})
    hr.transform.analyze(preprocess, [batch]).to_onnx(path)
    return hr.serving.load(path)


def test_folders_patterns_and_files_are_listed_with_or_without_class_folders(photos: Path) -> None:
    root = str(photos)
    every = [f"{root}/{name}" for name in ("a.png", "b.jpg", "cat/below/d.png", "cat/c.PNG", "dog/e.jpeg")]
    assert list_image_files([root]) == every
    assert list_image_files([f"{root}/"]) == every
    assert list_image_files([f"{root}/cat"]) == every[2:4]
    assert list_image_files([f"{root}/*.png"]) == every[:1]
    assert list_image_files([f"{root}/**/*.png"]) == [every[0], every[2]]
    assert list_image_files([every[4], every[0]]) == [every[4], every[0]]
    (photos / "none").write_bytes((photos / "a.png").read_bytes())
    assert list_image_files([f"{root}/none"]) == [f"{root}/none"]


def test_other_files_are_left_out_with_a_warning_and_are_no_images_alone(photos: Path) -> None:
    (photos / "rows.csv").write_text("a,b\n")
    (photos / ".hidden.png").write_text("")
    with pytest.warns(UserWarning, match=r"left out 1 x not an image \(.*rows.csv\)"):
        found = list_image_files([str(photos)])
    assert found is not None
    assert len(found) == 5
    assert list_image_files([str(photos / "rows.csv")]) is None
    (photos / "empty").mkdir()
    assert list_image_files([str(photos / "empty")]) is None
    with pytest.raises(hr.UsageError, match="nowhere"):
        list_image_files([str(photos / "nowhere.png")])


def test_answers_carry_the_path_and_go_in_the_order_of_the_files(
    photos: Path, model: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = list_image_files([str(photos)])
    assert files is not None
    expected = model.run(files)["sum"]
    for most in (1, 2, 256):
        monkeypatch.setattr(image_files, "_MOST_ROWS", most)
        predictions = image_files.predict_image_files(model, files)
        assert predictions.num_rows == 5
        table = pa.Table.from_batches(list(predictions))
        assert table.schema.names == ["path", "sum"]
        assert table["path"].to_pylist() == files
        assert np.array_equal(np.array(table["sum"].to_pylist(), np.float32), expected)
    assert image_files.predict_image_files(model, files, limit=2).num_rows == 2


def test_unreadable_files_are_counted_and_named(photos: Path, model: Predictor) -> None:
    (photos / "a.png").write_bytes(b"")
    (photos / "b.jpg").write_bytes((photos / "b.jpg").read_bytes()[:100])
    files = list_image_files([str(photos)])
    assert files is not None
    with pytest.warns(
        UserWarning, match=r"2 of 5 images cannot be read: .*a.png \(expected a JPEG.* got an empty"
    ):
        batches = list(image_files.predict_image_files(model, files))
    assert [path for batch in batches for path in batch["path"].to_pylist()] == files[2:]
    with pytest.raises(hr.RecordError, match=r"a.png: expected a JPEG, .* got an empty"):
        list(image_files.predict_image_files(model, files[:1]))


def test_a_name_that_is_not_utf8_is_escaped(tmp_path: Path, model: Predictor) -> None:
    name = os.fsdecode(b"caf\xe9 [1].png")
    (tmp_path / name).write_bytes(encode_png(np.zeros((2, 2, 3), np.uint8)))
    for path in (tmp_path, tmp_path / name):
        files = list_image_files([str(path)])
        assert files == [str(tmp_path / name)]
        (batch,) = image_files.predict_image_files(model, files)
        assert batch["path"].to_pylist() == [f"{tmp_path}/caf\\xe9 [1].png"]


def test_a_model_of_other_columns_is_refused(tmp_path: Path) -> None:
    ds = hr.Dataset.from_arrays({"age": [1.0], "zip": [2.0]})
    hr.transform.analyze(lambda x: {"y": x["age"] + x["zip"]}, ds).to_onnx(tmp_path / "m.onnx")
    model = hr.serving.load(tmp_path / "m.onnx")
    assert not image_files.takes_image_files(model)
    with pytest.raises(hr.UsageError, match="expected a model of one column of images, got one of age, zip"):
        image_files.predict_image_files(model, ["a.png"])
