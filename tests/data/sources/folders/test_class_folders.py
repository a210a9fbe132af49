"""Class folders: all files that can be read are read; what is left out is counted, named and explained."""

import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest

from headrace.data import Dataset
from headrace.errors import SchemaError
from headrace.images import encode_png

PNG = encode_png(np.zeros((2, 2), np.uint8))


def lay_out(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def read(ds: Dataset) -> list[dict[str, Any]]:
    return [row for batch in ds for row in batch.to_pylist()]


def texts(path: Path | str) -> list[tuple[str, str]]:
    return [(row["label"], row["text"]) for row in read(Dataset.from_text(path))]


def images(path: Path | str) -> list[tuple[str, str]]:
    return [(row["label"], row["filename"]) for row in read(Dataset.from_images(path))]


@pytest.fixture(autouse=True)
def strict() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_from_text_keeps_4_of_4_rows_when_one_file_lies_deeper(tmp_path: Path) -> None:
    files = {"pos/a.txt": b"1", "pos/b.txt": b"2", "neg/c.txt": b"3", "neg/old/d.txt": b"4"}
    expected = [("neg", "3"), ("neg", "4"), ("pos", "1"), ("pos", "2")]
    assert texts(lay_out(tmp_path / "t", files)) == expected
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        for name, data in files.items():
            archive.writestr(f"data/{name}", data)
        archive.writestr("data/README", "not a text of a class")
    assert texts(tmp_path / "t.zip") == expected
    fsspec.filesystem("memory").pipe({f"/{tmp_path.name}/{name}": data for name, data in files.items()})
    assert texts(f"memory://{tmp_path.name}") == expected


def test_from_images_reads_deeper_files_webp_jfif_and_tiff_and_no_class_is_lost(tmp_path: Path) -> None:
    names = ["cat/a.webp", "cat/b.JFIF", "dog/deep/er/c.tiff", "dog/d.png", "owl/x/e.avif", "owl/x/f.tif"]
    found = images(lay_out(tmp_path, dict.fromkeys(names, PNG)))
    assert found == [
        ("cat", "a.webp"),
        ("cat", "b.JFIF"),
        ("dog", "d.png"),
        ("dog", "deep/er/c.tiff"),
        ("owl", "x/e.avif"),
        ("owl", "x/f.tif"),
    ]


def test_symlinked_classes_and_files_are_followed_and_loops_end(tmp_path: Path) -> None:
    lay_out(tmp_path / "elsewhere", {"a.png": PNG, "below/b.png": PNG})
    root = lay_out(tmp_path / "root", {"dog/c.png": PNG})
    (root / "cat").symlink_to(tmp_path / "elsewhere")
    (root / "dog" / "d.png").symlink_to(tmp_path / "elsewhere" / "a.png")
    expected = [("cat", "a.png"), ("cat", "below/b.png"), ("dog", "c.png"), ("dog", "d.png")]
    assert images(root) == expected
    (root / "dog" / "loop").symlink_to(root)
    (root / "dog" / "gone.png").symlink_to(root / "nothing")
    with pytest.warns(UserWarning, match=r"1 x link to a folder around it \(dog/loop\), 1 x link to nothing"):
        assert images(root) == expected


def test_thumbs_db_pdfs_and_other_files_are_counted_and_named_in_one_line(tmp_path: Path) -> None:
    files = {
        "pos/a.txt": b"1",
        "pos/Thumbs.db": b"\xd0",
        "pos/b.pdf": b"%PDF-",
        "neg/c.PDF": b"%PDF-",
        "neg/d": b"2",
    }
    root = lay_out(tmp_path, {**files, "stray.txt": b"x", "README.md": b"", ".git/x": b""})
    with pytest.warns(UserWarning, match="left out") as caught:
        assert texts(root) == [("neg", "2"), ("pos", "1")]
    (message,) = {str(each.message) for each in caught}
    assert message == (
        f"{root}: left out 2 x .pdf, not a text (neg/c.PDF, pos/b.pdf), "
        "1 x Thumbs.db, which is of the system (pos/Thumbs.db), 1 x outside the class folders (stray.txt)"
    )
    lay_out(root, {"pos/p.png": PNG, "neg/q.heic": b""})
    with pytest.warns(UserWarning, match=r"1 x .heic, not an image \(neg/q.heic\)"):
        assert images(root) == [("pos", "p.png")]


def test_an_empty_result_says_what_was_left_out(tmp_path: Path) -> None:
    lay_out(tmp_path, {"a/1.heic": b"", "a/2.heic": b"", "b/3.txt": b"", "4.png": PNG})
    with pytest.raises(
        SchemaError, match=r"contains an image; left out 2 x .heic, not an image \(a/1.heic, a/2"
    ):
        read(Dataset.from_images(tmp_path))


@pytest.mark.parametrize("read_folder", [texts, images])
def test_train_and_test_are_not_taken_for_classes(read_folder: Any, tmp_path: Path) -> None:
    root = lay_out(
        tmp_path, {f"{split}/{name}/1.png": PNG for split in ("train", "test") for name in ("cat", "dog")}
    )
    with pytest.raises(SchemaError, match=r"class folders in one folder|no class folder contains a text"):
        read_folder(root)
    lay_out(root, {"train/labels.png": PNG})
    with pytest.raises(SchemaError, match=r"class folders in one folder|no class folder contains a text"):
        read_folder(root)


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", ""), ("utf-8", "\ufeff"), ("utf-16-le", "\ufeff"), ("utf-16-be", "\ufeff"),
     ("utf-32-le", "\ufeff"), ("utf-16-le", ""), ("utf-16-be", "")],
)  # fmt: skip
def test_utf_16_and_utf_32_texts_and_byte_order_marks(encoding: str, mark: str, tmp_path: Path) -> None:
    text = "Très bon: all of it, 100% of it, is plain text."
    lay_out(tmp_path, {"a/x.txt": (mark + text).encode(encoding), "a/y.txt": b"y"})
    assert texts(tmp_path) == [("a", text), ("a", "y")]


def test_one_bad_byte_does_not_turn_a_text_into_latin_1(tmp_path: Path) -> None:
    lay_out(tmp_path, {"a/x.txt": "très bon, \u4e2d".encode() + b"\xff", "a/y.txt": b"y"})
    with pytest.raises(SchemaError, match=r"x.txt: not a valid text in UTF-8: invalid start byte at byte 14"):
        texts(tmp_path)


def test_a_text_in_latin_1_is_read_with_one_warning(tmp_path: Path) -> None:
    lay_out(tmp_path, {f"a/{number}.txt": "très".encode("latin-1") for number in range(3)})
    with pytest.warns(UserWarning, match="is not UTF-8: it and others like it are read as Latin-1") as caught:
        assert texts(tmp_path) == [("a", "très")] * 3
    assert len(caught) == 1


def test_quotes_and_dashes_of_windows_are_not_control_characters(tmp_path: Path) -> None:
    text = "“très bon” – it’s 5 €…"
    lay_out(tmp_path, {"a/x.txt": text.encode("cp1252"), "a/y.txt": b"\x81\xe9"})
    with pytest.warns(
        UserWarning, match="x.txt is not UTF-8: it and others like it are read as Windows-1252"
    ):
        assert texts(tmp_path) == [("a", text), ("a", "\x81é")]


@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.7\n", b"PK\x03\x04zip", b"\x89PNG\r\n", b"text\0text!", bytes(range(255, -1, -1))],
    ids=["pdf", "zip", "png", "a null byte", "binary"],
)
def test_files_that_are_not_texts_by_their_content_are_refused_by_name(data: bytes, tmp_path: Path) -> None:
    lay_out(tmp_path, {"a/x.txt": data})
    with pytest.raises(SchemaError, match=r"a/x\.txt: (expected a text, got|not a valid text)"):
        texts(tmp_path)
