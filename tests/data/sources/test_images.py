from pathlib import Path

import numpy as np
import pytest

from headrace.data import Dataset
from headrace.data.sources import ImageSource
from headrace.errors import SchemaError, UsageError
from headrace.images import encode_jpeg, encode_png

PNG, JPEG = encode_png(np.zeros((2, 2), np.uint8)), encode_jpeg(np.zeros((2, 2), np.uint8))


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_bytes_label_and_name_in_order(tmp_path: Path) -> None:
    write(tmp_path, {"dog/b.png": PNG, "dog/a.JPG": JPEG, "cat/z.png": PNG, ".cache/x.png": PNG,
                     "cat/.hidden.png": PNG, "cat/notes.txt": b"", "top.png": PNG})  # fmt: skip
    ds = Dataset.from_images(tmp_path)
    rows = [row for batch in ds for row in batch.to_pylist()]
    assert [(row["label"], row["filename"]) for row in rows] == [
        ("cat", "z.png"),
        ("dog", "a.JPG"),
        ("dog", "b.png"),
    ]
    assert rows[1]["image"] == JPEG
    assert ds.num_rows == 3
    assert ImageSource.from_folder(tmp_path).classes == ("cat", "dog")


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"text", "4 bytes of another format"),
        (b"", "an empty file"),
        (b"\0\0\0\x18ftypheic", "a HEIC image"),
        (b"PK\3\4", "a ZIP archive"),
    ],
)
def test_a_file_of_another_kind_is_named(tmp_path: Path, data: bytes, found: str) -> None:
    write(tmp_path, {"cat/a.png": data})
    with pytest.raises(SchemaError, match=rf"cat/a\.png: expected a JPEG.* file, got {found}; remove"):
        list(Dataset.from_images(tmp_path))


def test_folders_without_images_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="no class folder contains an image"):
        list(Dataset.from_images(tmp_path))
    with pytest.raises(UsageError, match="no such folder"):
        Dataset.from_images(tmp_path / "absent")
    (tmp_path / "file").write_bytes(PNG)
    with pytest.raises(UsageError, match="not a folder"):
        Dataset.from_images(tmp_path / "file")


def test_files_to_skip_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat/1.png").write_bytes(encode_png(np.zeros((2, 2), np.uint8)))
    (tmp_path / "cat/2.png").write_text("not an image")
    data = Dataset.from_images(tmp_path, skip=["cat/2.png"])
    assert [name for batch in data for name in batch["filename"].to_pylist()] == ["1.png"]
    with pytest.raises(UsageError, match=r"no such file to skip: cat/3\.png; name it by its path"):
        list(Dataset.from_images(tmp_path, skip=["cat/3.png"]))
    with pytest.raises(UsageError, match=r"skip: expected a list of paths, got 'cat/2\.png'"):
        Dataset.from_images(tmp_path, skip="cat/2.png")
