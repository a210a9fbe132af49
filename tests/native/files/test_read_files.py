"""Whole files in one array."""

from __future__ import annotations

import errno
import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from headrace._native import FileFault, read_files

LIMIT, ENOUGH = 1 << 20, 1 << 30


def read(folder: Path, names: list[str], limit: int = LIMIT, enough: int = ENOUGH):
    """The contents of files, and what stopped reading."""
    array = pa.array(names, pa.string())
    _, offsets, data = array.buffers()
    ends = np.frombuffer(offsets, np.int32)[: len(names) + 1] if offsets else np.zeros(1, np.int32)
    starts, contents, fault, number = read_files(
        os.fsencode(folder), ends, b"" if data is None else data.to_pybytes(), limit=limit, enough=enough
    )
    assert starts[0] == 0
    assert starts[-1] == len(contents)
    found = [contents[a:b].tobytes() for a, b in pairwise(starts)]
    return found, fault, number


def test_files_in_order(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    contents = {f"a/{n}": os.urandom(n * 37) for n in range(100)}
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    names = [*reversed(contents), "a/5", "a/5"]
    assert read(tmp_path, names) == ([contents[name] for name in names], FileFault.NONE, 0)
    assert read(tmp_path, []) == ([], FileFault.NONE, 0)


def test_reading_stops_behind_enough_bytes(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(bytes(10))
    assert read(tmp_path, ["a", "b", "c"], enough=11) == ([bytes(10)] * 2, FileFault.NONE, 0)


@pytest.mark.parametrize(
    ("names", "read_before", "number"),
    [
        (["a", "absent"], 1, errno.ENOENT),
        (["folder"], 0, errno.EISDIR),
        (["a", "a", "locked"], 2, errno.EACCES),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, names: list[str], read_before: int, number: int) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "locked").write_bytes(b"x")
    (tmp_path / "locked").chmod(0)
    if "locked" in names and os.access(tmp_path / "locked", os.R_OK):
        pytest.skip("this user may read every file")
    assert read(tmp_path, names) == ([b"x"] * read_before, FileFault.UNREADABLE, number)


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    assert read(tmp_path / "absent", ["a"]) == ([], FileFault.UNREADABLE, errno.ENOENT)


def test_the_limit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(8))
    (tmp_path / "b").write_bytes(bytes(9))
    assert read(tmp_path, ["a", "b"], limit=8) == ([bytes(8)], FileFault.TOO_LARGE, 0)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs files that do not say their size")
def test_files_of_unknown_size_are_read_to_their_end() -> None:
    (found,), fault, _ = read(Path("/proc"), ["self/mountinfo"])
    assert fault == FileFault.NONE
    assert found == Path("/proc/self/mountinfo").read_bytes()
    assert len(found) > 100
