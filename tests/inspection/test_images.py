"""What `inspect_images` finds in a folder: classes, sizes, broken files, and files that are there twice."""

from pathlib import Path

import numpy as np
import pytest

from headrace.errors import UsageError
from headrace.images import encode_jpeg, encode_png
from headrace.inspection import inspect_images

RANDOM = np.random.default_rng(0)


def write_images(folder: Path, count: int = 6, *, grey: bool = False) -> Path:
    """Write images of two classes, of several sizes, as PNG and JPEG."""
    for name in ("cat", "dog"):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            shape = (20 + number, 30) if grey else (20 + number, 30, 3)
            pixels = RANDOM.integers(0, 256, shape, np.uint8)
            data, kind = (encode_jpeg(pixels), "jpg") if number % 2 else (encode_png(pixels), "png")
            (folder / name / f"{number}.{kind}").write_bytes(data)
    return folder


def copy(folder: Path, source: str, target: str) -> None:
    (folder / target).write_bytes((folder / source).read_bytes())


def test_sizes_formats_and_balance(tmp_path: Path) -> None:
    found = inspect_images(write_images(tmp_path))
    assert found.classes == ("cat", "dog")
    assert found.count_formats() == {"png": 6, "jpeg": 6}
    assert found.measure_sides() == ((20, 30), (22, 30), (25, 30))
    assert not found.is_grey
    assert found.summarize() == (
        "12 images of 20 x 30 to 25 x 30, median 22 x 30 pixels (height x width), "
        "6 of each of 2 classes: 6 PNG, 6 JPEG."
    )
    assert found.list_faults() == []


def test_grey_images(tmp_path: Path) -> None:
    assert inspect_images(write_images(tmp_path, grey=True)).is_grey


def test_broken_files_are_named_and_left_out(tmp_path: Path) -> None:
    write_images(tmp_path)
    (tmp_path / "cat/page.jpg").write_text("<!DOCTYPE html>")
    (tmp_path / "dog/cut.jpg").write_bytes((tmp_path / "dog/1.jpg").read_bytes()[:400])
    (tmp_path / "dog/empty.png").touch()
    found = inspect_images(tmp_path)
    assert [file.path for file in found.broken] == ["cat/page.jpg", "dog/cut.jpg", "dog/empty.png"]
    assert found.parts[0].skip == ("cat/page.jpg", "dog/cut.jpg", "dog/empty.png")
    (line,) = found.list_faults()
    assert line.startswith("3 left out, they cannot be read: cat/page.jpg (expected a JPEG, ")
    assert "got a web page" in line


def test_duplicates_across_classes_by_content_hash(tmp_path: Path) -> None:
    write_images(tmp_path)
    copy(tmp_path, "cat/0.png", "dog/other.png")
    copy(tmp_path, "cat/2.png", "cat/again.png")
    found = inspect_images(tmp_path)
    assert [file.path for file in found.contradictory] == ["cat/0.png", "dog/other.png"]
    assert [file.path for file in found.repeated] == ["cat/again.png"]
    assert len(found.files) == 11
    assert "2 left out, they have the same bytes as one of another class" in found.list_faults()[0]


@pytest.mark.parametrize(("train", "test"), [("train", "test"), ("Training", "val")])
def test_a_test_image_among_the_training_images_is_a_leak(tmp_path: Path, train: str, test: str) -> None:
    write_images(tmp_path / train)
    write_images(tmp_path / test, 2)
    copy(tmp_path, f"{test}/cat/0.png", f"{train}/cat/seen.png")
    found = inspect_images(tmp_path)
    assert [part.folder for part in found.parts] == [train, test]
    assert [file.path for file in found.leaking] == ["cat/seen.png"]
    assert found.parts[0].skip == ("cat/seen.png",)
    assert found.parts[1].skip == ()
    assert found.count_classes("train") == {"cat": 6, "dog": 6}
    assert "1 left out, they leak" in found.list_faults()[0]


def test_what_is_not_enough_is_refused(tmp_path: Path) -> None:
    write_images(tmp_path / "few", 3)
    with pytest.raises(UsageError, match="expected 10 images or more in two classes or more, got 6"):
        inspect_images(tmp_path / "few")
    write_images(tmp_path / "parts/test")
    with pytest.raises(UsageError, match="expected a folder 'train', got test"):
        inspect_images(tmp_path / "parts")
    write_images(tmp_path / "both/val")
    write_images(tmp_path / "both/valid")
    write_images(tmp_path / "both/train")
    with pytest.raises(UsageError, match="expected one folder for each part, got train, val, valid"):
        inspect_images(tmp_path / "both")
    with pytest.raises(UsageError, match="not a folder"):
        inspect_images(tmp_path / "absent")
