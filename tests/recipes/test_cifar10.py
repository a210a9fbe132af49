"""The recipe for image files, on a few generated images."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import headrace as hr
from headrace.recipes.cifar10 import CLASSES, recipe
from headrace.recipes.run import Run, RunOptions
from headrace.recipes.steps import execute

from ..cli.commands import run_command


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noisy images of one colour per class, of several sizes and formats: 12 in train, 3 in test."""
    root, random = tmp_path_factory.mktemp("cifar10"), np.random.default_rng(0)
    colours = random.integers(40, 216, (len(CLASSES), 3))
    for part, count in (("train", 12), ("test", 3)):
        for name, colour in zip(CLASSES, colours, strict=True):
            place = root / part / name
            place.mkdir(parents=True)
            for number in range(count):
                size = (32, 32) if number % 2 else random.integers(16, 60, 2)
                pixels = (colour + random.integers(-20, 21, (*size, 3))).astype(np.uint8)
                name, encode = (
                    (".png", hr.images.encode_png) if number % 3 else (".jpg", hr.images.encode_jpeg)
                )
                (place / f"{number:04}{name}").write_bytes(encode(pixels))
    return root


def test_from_image_files_to_a_verified_model(folder: Path, tmp_path: Path) -> None:
    run = Run(RunOptions("cifar10", str(folder), training={"batch_size": 16, "epochs": 2}), tmp_path / "run")
    execute(run)
    assert run.read_verdict().passed
    predictor = hr.deploy.load(run.onnx)
    assert predictor.inputs == {"image": "uint8"}
    (column,) = predictor.columns
    assert (column.type, column.shape, column.encoding) == ("uint8", (None, None, 3), "image")
    answer = predictor.predict({"image": np.zeros((2, 32, 32, 3), np.uint8)}).to_pylist()
    assert {row["label"] for row in answer} <= set(CLASSES)
    files = sorted((folder / "test").rglob("*.*"))
    shown = run_command("predict", run.onnx, folder / "test")
    assert shown.code == 0, shown.err
    rows = [json.loads(line) for line in shown.out.splitlines()]
    assert [row["path"] for row in rows] == list(map(str, files))
    assert [row["label"] for row in rows] == predictor.predict(files)["label"].to_pylist()
    assert (tmp_path / "run" / "report.html").stat().st_size > 10_000
    filters = load_file(run.training_folder / "best.safetensors")["network.whiten.conv.weight"]
    assert np.array_equal(filters[:12], -filters[12:])  # whitened, and frozen


def test_classes_are_numbered_in_the_order_of_their_names(folder: Path) -> None:
    train = recipe.load(folder).train
    transform = hr.transform.analyze(recipe.preprocess, train)
    batch = next(iter(train))
    labels = transform(batch).column("label").to_pylist()
    assert [CLASSES[label] for label in labels] == batch.column("label").to_pylist()


def test_every_class_is_held_out(folder: Path) -> None:
    splits = recipe.load(folder)
    assert splits.validation is not None
    counts = [data.num_rows for data in (splits.train, splits.validation, splits.test)]
    assert counts == [115, 5, 30]
    held_out = [label for batch in splits.validation for label in batch["label"].to_pylist()]
    assert len(set(held_out)) == 5


def test_the_data_does_not_ship() -> None:
    with pytest.raises(hr.UsageError, match="--data-dir"):
        recipe.load(None)
