"""Errors of file systems name the file, and what the user can do about this kind of error."""

import errno
import os
import sys
from pathlib import Path

import pyarrow as pa
import pytest

import headrace as hr
from headrace.errors import UsageError
from headrace.file_errors import wrap_file_errors
from headrace.storage import make_folder, write_text
from headrace.training import save_weights

from .cli.commands import error_line, run_command, run_process

torch = pytest.importorskip("torch")


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.ENOSPC, "make room, or choose another place."),
        (errno.EROFS, "choose a place that can be written to."),
        (errno.ENAMETOOLONG, "choose a shorter name."),
        (errno.EISDIR, "a folder has this name: name a file."),
        (errno.EIO, "look at it."),
    ],
)
def test_the_hint_follows_from_the_error(number: int, hint: str) -> None:
    with pytest.raises(UsageError) as caught, wrap_file_errors("a.csv", "cannot be written", "look at it"):
        raise OSError(number, os.strerror(number))
    assert str(caught.value) == f"a.csv: cannot be written: {os.strerror(number)}; {hint}"


def test_a_file_in_the_way_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(UsageError, match=r"mine: the folder cannot be created: File exists; a file has this"):
        make_folder(tmp_path / "mine")
    with pytest.raises(UsageError, match=r"below: the folder cannot be created: Not a directory; a file st"):
        make_folder(tmp_path / "mine" / "below")
    assert (tmp_path / "mine").read_text() == "mine"


def test_weights_whose_folder_cannot_be_created(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(UsageError, match=r"mine: the folder cannot be created: File exists"):
        save_weights(torch.nn.Linear(1, 1), tmp_path / "mine" / "a.safetensors")


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full")
def test_a_picture_on_a_full_disk_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to("/dev/full")
    plan = hr.transform.analyze(lambda x: {"y": x["x"]}, [pa.record_batch({"x": [1]})]).explain()
    with pytest.raises(UsageError, match=r"a\.png: cannot be written: No space left on device; make room"):
        plan.plot(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.tfrecord"])
def test_a_folder_with_the_name_of_the_file_is_refused_before_any_work(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    rows = hr.Dataset.from_generator(lambda: pytest.fail("was read"), schema=pa.schema({"x": pa.int64()}))
    with pytest.raises(UsageError, match=rf"{name}: a folder has this name; choose another name"):
        rows.write(tmp_path / name)
    with pytest.raises(UsageError, match=rf"{name}: a folder has this name; name another file"):
        list(hr.Dataset.from_arrays({"x": [1]}).cache(tmp_path / name))
    (tmp_path / "b.csv").write_text("x\n1\n")
    line = error_line(run_command("records", "convert", tmp_path / "b.csv", tmp_path / name))
    assert line.endswith(f"{name}: a folder has this name; choose another name, or name the format: images.")
    assert sorted(each.name for each in tmp_path.iterdir()) == [name, "b.csv"]


def test_a_name_too_long_for_its_temporary_file_ends_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("x\n1\n")
    line = error_line(run_process("records", "convert", tmp_path / "b.csv", tmp_path / f"{'n' * 244}.csv"))
    assert line.endswith("cannot be written: File name too long; choose a shorter name.")
    with pytest.raises(UsageError, match="choose a shorter name"):
        write_text(tmp_path / ("n" * 250), "")
