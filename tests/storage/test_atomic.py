"""A file or folder appears under its name when it is complete; everything else is left as it was."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.waiting import PATIENCE

from headrace.errors import UsageError
from headrace.storage import AtomicFile, atomic_folder, write_bytes, write_text

LEFTOVER = ".data.txt.0a1b2c3d.tmp"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_when_it_is_committed(tmp_path: Path) -> None:
    path = tmp_path / "data.txt"
    path.write_text("old")
    file = AtomicFile(path)
    file.write(b"new")
    file.finish()
    assert path.read_text() == "old"
    file.commit()
    assert (path.read_text(), names(tmp_path)) == ("new", ["data.txt"])


def test_an_exception_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "data.txt"
    path.write_text("old")

    def fails() -> None:
        with AtomicFile(path) as file:
            file.write(b"new")
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert (path.read_text(), names(tmp_path)) == ("old", ["data.txt"])


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "data.txt"
    path.write_text("old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, limits[1]))
    try:
        with pytest.raises(UsageError, match=r"data\.txt: cannot be written: File too large"):
            write_bytes(path, bytes(1000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (path.read_text(), names(tmp_path)) == ("old", ["data.txt"])


@pytest.mark.parametrize("place", ["missing/data.txt", "."])
def test_a_place_that_cannot_be_written_to_is_named(tmp_path: Path, place: str) -> None:
    with pytest.raises(UsageError, match=r"cannot be written: (No such file|Is a directory)") as caught:
        write_text(tmp_path / place, "new")
    assert caught.value.path == str(tmp_path / place)
    assert names(tmp_path) == []


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_a_replaced_file_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "data.txt"
    path.write_text("old")
    path.chmod(mode)
    write_text(path, "new")
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_new_file_has_the_mode_that_open_gives(tmp_path: Path) -> None:
    write_text(tmp_path / "ours", "")
    (tmp_path / "pythons").write_text("")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "pythons").stat().st_mode


@pytest.mark.parametrize("target", ["folder/data.txt", "folder/new.txt"])
def test_a_link_is_followed_and_stays_a_link(tmp_path: Path, target: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "data.txt").write_text("old")
    link = tmp_path / "link.txt"
    link.symlink_to(target)
    write_text(link, "new")
    assert link.is_symlink()
    assert (tmp_path / target).read_text() == "new"
    assert names(tmp_path) == ["folder", "link.txt"]


def test_a_pipe_is_written_as_a_stream(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_bytes()))
    reader.start()
    write_text(pipe, "through the pipe")
    reader.join(timeout=PATIENCE)
    assert found == [b"through the pipe"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert names(tmp_path) == ["pipe"]


def test_a_device_is_never_replaced() -> None:
    write_text("/dev/null", "nothing")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.parametrize("to_file", [False, True])
def test_standard_output_is_written_as_a_stream(tmp_path: Path, to_file: bool) -> None:
    code = "from headrace.storage import write_text; write_text('/dev/stdout', 'written')"
    if to_file:
        with (tmp_path / "out").open("wb") as out:
            out.write(b"before, ")
            out.flush()
            subprocess.run([sys.executable, "-c", code], check=True, stdout=out)
        assert (tmp_path / "out").read_text() in ("before, written", "written")
        assert names(tmp_path) == ["out"]
    else:
        assert (
            subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout == b"written"
        )


def kill_while_writing(path: Path) -> Path:
    """Kill a process that writes a file; return its temporary file."""
    code = f"""
import os, signal
from headrace.storage import AtomicFile
file = AtomicFile({str(path)!r})
file.write(b"half")
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    (leftover,) = (each for each in path.parent.iterdir() if each.name.endswith(".tmp"))
    return leftover


def test_the_next_write_sweeps_what_a_killed_writer_left(tmp_path: Path) -> None:
    leftover = kill_while_writing(tmp_path / "data.txt")
    assert leftover.name.startswith(".data.txt.")
    write_text(tmp_path / "other.txt", "not this one's")
    assert leftover.exists()
    write_text(tmp_path / "data.txt", "new")
    assert names(tmp_path) == ["data.txt", "other.txt"]


def test_a_live_writer_is_not_swept(tmp_path: Path) -> None:
    with AtomicFile(tmp_path / "data.txt") as slow:
        slow.write(b"slow")
        write_text(tmp_path / "data.txt", "fast")
        assert (tmp_path / "data.txt").read_text() == "fast"
    assert ((tmp_path / "data.txt").read_text(), names(tmp_path)) == ("slow", ["data.txt"])


def test_a_folder_appears_when_it_is_complete(tmp_path: Path) -> None:
    def fails() -> None:
        with atomic_folder(tmp_path / "images") as folder:
            (folder / "cat.png").write_bytes(b"")
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert names(tmp_path) == []
    (tmp_path / ".images.0a1b2c3d.tmp").mkdir()
    (tmp_path / ".images.0a1b2c3d.tmp" / "dog.png").write_bytes(b"")
    with atomic_folder(tmp_path / "images") as folder:
        (folder / "cat.png").write_bytes(b"")
        assert not (tmp_path / "images").exists()
    assert (names(tmp_path), names(tmp_path / "images")) == (["images"], ["cat.png"])
    with pytest.raises(UsageError, match="already exists"), atomic_folder(tmp_path / "images"):
        pass


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch])
def test_temporary_names_of_other_targets_stay(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / ".other.0a1b2c3d.tmp")
    make(tmp_path / ".data.txt.tmp")
    write_text(tmp_path / "data.txt", "new")
    assert names(tmp_path) == [".data.txt.tmp", ".other.0a1b2c3d.tmp", "data.txt"]


INTERRUPTED = """
import os, sys
from pathlib import Path
from headrace.storage import FileSet, atomic_folder, write_text
from headrace.storage.commit import complete_commits

folder, kind, step, lines = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), 0

def work():
    if kind == "file":
        write_text(folder / "data.txt", "new")
    elif kind == "folder":
        with atomic_folder(folder / "data") as temporary:
            (temporary / "data.txt").write_text("new")
    else:
        with FileSet(folder / "set.manifest.json") as files:
            files.write(folder / "data.txt", b"new")

def count(frame, event, argument):
    global lines
    if "headrace" not in frame.f_code.co_filename:
        return None
    if event == "line":
        lines += 1
        if lines == at:
            sys.settrace(None)
            raise KeyboardInterrupt
    return count

work()  # imports
at = 0
while True:
    for path in folder.rglob("*"):
        if path.is_file():
            path.unlink()
    for path in folder.iterdir():
        path.rmdir()
    at += step
    child = os.fork()
    if child == 0:
        sys.settrace(count)
        work()
        sys.exit(7)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    complete_commits(str(folder))  # what the next reader does
    leftovers = [path.name for path in folder.rglob(".*")]
    assert not leftovers, (at, leftovers)
    if status == 7:
        break
print(at)
"""


@pytest.mark.parametrize(("kind", "step"), [("file", 2), ("folder", 2), ("set", 13)])
def test_ctrl_c_at_any_line_leaves_no_temporary_file(tmp_path: Path, kind: str, step: int) -> None:
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path), kind, str(step)]
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-2000:]
    assert int(result.stdout) > 20
