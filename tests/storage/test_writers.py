"""Data reaches the disk: large sets by one call, small ones file by file, and errors are raised."""

import os
from pathlib import Path

import pytest

from headrace.storage import writers


def write(folder: Path, sizes: list[int]) -> list[int]:
    descriptors = []
    for number, size in enumerate(sizes):
        descriptors.append(os.open(folder / str(number), os.O_RDWR | os.O_CREAT | os.O_TRUNC))
        os.write(descriptors[-1], bytes(size))
    return descriptors


@pytest.mark.parametrize("sizes", [[0], [5, 5, 5], [20 << 20, 20 << 20]])
def test_files_are_synced(sizes: list[int], tmp_path: Path) -> None:
    descriptors = write(tmp_path, sizes)
    writers.sync_files(descriptors)
    for descriptor in descriptors:
        os.close(descriptor)


def test_a_large_set_takes_one_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[int] = []
    monkeypatch.setattr(writers, "_find_syncfs", lambda: lambda descriptor: called.append(descriptor) or 0)
    descriptors = write(tmp_path, [20 << 20, 20 << 20])
    writers.sync_files(descriptors)
    assert called == descriptors[:1]
    writers.sync_files(write(tmp_path, [9, 9]))
    assert len(called) == 1


@pytest.mark.parametrize("sizes", [[9], [40 << 20]])
def test_a_failure_is_raised(sizes: list[int], tmp_path: Path) -> None:
    descriptors = write(tmp_path, sizes)
    for descriptor in descriptors:
        os.close(descriptor)
    with pytest.raises(OSError, match="Bad file descriptor"):
        writers.sync_files(descriptors)


def test_a_failure_of_syncfs_is_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "_find_syncfs", lambda: lambda _descriptor: -1)
    monkeypatch.setattr(writers.ctypes, "get_errno", lambda: 28)
    with pytest.raises(OSError, match="No space left on device"):
        writers.sync_files(write(tmp_path, [40 << 20]))


def test_folders_that_cannot_be_opened_are_left(tmp_path: Path) -> None:
    writers.sync_folder(tmp_path)
    writers.sync_folder(tmp_path / "absent")
