"""One process at a time holds the lock of a folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from headrace.errors import UsageError
from headrace.storage import FolderLock


def test_a_second_holder_gets_one_line(tmp_path: Path) -> None:
    with FolderLock(tmp_path):
        with pytest.raises(UsageError, match="another process is writing to this folder; wait"):
            FolderLock(tmp_path).__enter__()
        with FolderLock(tmp_path / "training"):
            (tmp_path / "training" / "state").touch()
    with FolderLock(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["training"]


def test_a_new_folder_is_removed_if_nothing_was_written(tmp_path: Path) -> None:
    with FolderLock(tmp_path / "new"):
        pass
    assert list(tmp_path.iterdir()) == []
    with FolderLock(tmp_path / "new"):
        (tmp_path / "new" / "file").touch()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["file"]


def test_a_forked_process_does_not_hold_the_lock(tmp_path: Path) -> None:
    """Workers outlive a killed training for a moment, which is resumed at once."""
    code = f"""
import os, signal
from headrace.storage import FolderLock
with FolderLock({str(tmp_path)!r}):
    if not os.fork():
        print(os.getpid(), flush=True)
    signal.pause()
"""
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    child = int(holder.stdout.readline())
    holder.kill()
    assert holder.wait() == -signal.SIGKILL
    try:
        with FolderLock(tmp_path):
            pass
    finally:
        os.kill(child, signal.SIGKILL)


def test_death_releases_the_lock(tmp_path: Path) -> None:
    code = f"""
import sys
from headrace.storage import FolderLock
FolderLock({str(tmp_path)!r}).__enter__()
print("held", flush=True)
sys.stdin.read()
"""
    holder = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(UsageError, match="another process"):
        FolderLock(tmp_path).__enter__()
    holder.kill()
    holder.communicate()
    with FolderLock(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []
