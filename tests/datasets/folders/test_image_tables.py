"""Folders of images with `metadata.csv` or `metadata.jsonl` have the images and the columns of the table."""

import json
from pathlib import Path

import numpy as np
import pytest

from headrace import datasets
from headrace.data import Dataset
from headrace.errors import HeadraceError
from headrace.images import encode_png


def image(shade: int) -> bytes:
    return encode_png(np.full((2, 2, 3), shade, np.uint8))


def write(folder: Path, images: dict[str, int], tables: dict[str, list[dict[str, object]]]) -> Path:
    for name, shade in images.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(image(shade))
    for name, rows in tables.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def read(ds: Dataset) -> list[tuple[bytes, str]]:
    return [(row["image"], row["text"]) for batch in ds for row in batch.to_pylist()]


@pytest.mark.parametrize(
    "place",
    [
        pytest.param("{}/metadata.jsonl", id="a table in each split, huggingface/datasets#4895"),
        pytest.param("metadata.jsonl", id="one above the splits, huggingface/datasets#4548"),
    ],
)
def test_tables_belong_to_splits(tmp_path: Path, place: str) -> None:
    images = {f"{split}/a/{n}.png": 10 * n + len(split) for split in ("train", "dev", "test") for n in (1, 2)}
    tables: dict[str, list[dict[str, object]]] = {}
    for name, shade in images.items():
        table = place.format(name.split("/")[0])
        file = Path(name).relative_to(Path(table).parent).as_posix()
        tables.setdefault(table, []).append({"file_name": file, "text": f"{shade}"})
    ds, card = datasets.load(write(tmp_path, images, tables), with_info=True)
    assert list(ds) == ["train", "validation", "test"]
    assert read(ds["validation"]) == [(image(13), "13"), (image(23), "23")]
    assert read(ds["train"]) == [(image(15), "15"), (image(25), "25")]
    assert card.schema.names == ["image", "file_name", "text"]
    assert read(datasets.load(tmp_path, "train[1:]")) == [(image(25), "25")]
    assert dict(card.full_rows) == {"train": 2, "validation": 2, "test": 2}


def test_a_csv_table_without_splits_and_tables_of_several_folders(tmp_path: Path) -> None:
    folder = write(tmp_path / "csv", {"b.png": 2, "a.png": 1}, {})
    (folder / "metadata.csv").write_text("file_name,text,label\nb.png,two,1\na.png,one,0\n")
    ds, card = datasets.load(folder, "train", with_info=True, as_supervised=True)
    assert (card.label, ds.schema.names) == ("label", ["image", "file_name", "text", "label"])
    assert read(ds) == [(image(2), "two"), (image(1), "one")]
    many = write(
        tmp_path / "many",
        {"x/1.png": 1, "y/1.png": 2},
        {f"{name}/metadata.jsonl": [{"file_name": "1.png", "text": name}] for name in "xy"},
    )
    assert read(datasets.load(many, "train")) == [(image(1), "x"), (image(2), "y")]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        pytest.param({"file_name": "../secret.png"}, "below the table, got '../secret.png'", id="above"),
        pytest.param({"file_name": "/etc/passwd"}, "below the table, got '/etc/passwd'", id="absolute"),
        pytest.param({"file_name": None, "text": "x"}, "below the table, got None", id="none"),
        pytest.param({"file_name": "2.png"}, r"2\.png: ", id="missing, huggingface/datasets#7337"),
        pytest.param({"name": "1.png"}, "expected a column 'file_name' of strings", id="no file_name"),
        pytest.param({"file_name": "1.png", "image": 1}, "has a column 'image'", id="an image already"),
    ],
)
def test_a_table_that_names_no_image_is_one_line(tmp_path: Path, row: dict[str, object], what: str) -> None:
    folder = write(tmp_path / "data", {"1.png": 1}, {"metadata.jsonl": [row]})
    with pytest.raises(HeadraceError, match=what) as caught:
        list(datasets.load(folder, "train"))
    assert "\n" not in str(caught.value)


def test_images_beside_folders_of_splits_are_one_line(tmp_path: Path) -> None:
    folder = write(tmp_path, {"train/1.png": 1, "2.png": 2}, {"metadata.jsonl": [{"file_name": "2.png"}]})
    with pytest.raises(HeadraceError, match="are in folders that name a split, and some are not"):
        datasets.load(folder)
