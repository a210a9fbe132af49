"""The commit of sets of files: all get their names, or none does, even if the process is killed.

A commit is prepared in a pending file, `.MANIFEST.pending`, which lists every rename:

1. All temporary files are complete and on disk; then the pending file gets its name. From here on the commit
   happens: a process that finds the pending file of a killed writer completes it.
2. Old files are set aside under temporary names, and new ones get their names, the manifest last. An error
   puts the old files back.
3. The pending file is deleted, then the files that were set aside.

A lock on the folder serializes commits, so that nobody completes the commit of a writer that lives.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from headrace.errors import UsageError
from headrace.file_errors import wrap_file_errors
from headrace.storage.filesystem import local_path
from headrace.storage.temporary import PENDING_SUFFIX, is_temporary, keep_at_exit, lock, temporary_path
from headrace.storage.writers import LocalWriter, sync_folder

__all__ = ["Move", "commit", "complete_commit", "complete_commits", "pending_path", "read_consistently"]

_FORMAT = 1
_COMMITTING = (0, 0, 0)  # a stamp

T = TypeVar("T")


@dataclass(frozen=True)
class Move:
    """One step of a commit: a file gets its name, or, without `temporary`, is deleted.

    Attributes:
        target: The final path.
        temporary: The new file's temporary path.
        aside: Where the old file waits meanwhile.
    """

    target: str
    temporary: str | None
    aside: str

    @classmethod
    def of(cls, target: Path, temporary: Path | None) -> Move:
        """Plan the move of a file, with a random name for the old one."""
        path = str(target)
        return cls(path, None if temporary is None else str(temporary), temporary_path(path))

    def apply(self) -> None:
        """Move the file, unless that is done.

        Raises:
            OSError: A rename fails.
        """
        if self.temporary is not None and not os.path.exists(self.temporary):
            return
        if os.path.exists(self.target) and not os.path.exists(self.aside):
            os.rename(self.target, self.aside)
        if self.temporary is not None:
            os.rename(self.temporary, self.target)

    def undo(self) -> None:
        """Put the old file back.

        Raises:
            OSError: A rename fails.
        """
        if self.temporary is not None and not os.path.exists(self.temporary) and os.path.exists(self.target):
            os.rename(self.target, self.temporary)
        if os.path.exists(self.aside):
            os.rename(self.aside, self.target)


def pending_path(manifest: Path) -> Path:
    """Return the path of the pending file of a set."""
    return manifest.with_name(f".{manifest.name}{PENDING_SUFFIX}")


@contextmanager
def _locked(folder: Path) -> Generator[None]:
    """Hold the lock of commits in a folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def commit(manifests: Sequence[Path], moves: Sequence[Move]) -> None:
    """Apply moves as one commit of all sets.

    Args:
        manifests: The manifests' final paths, links resolved; their folders hold the pending files.
        moves: All moves; of each set first the new files, then the deletions, then the manifest.

    Raises:
        OSError: A rename fails; the old files are back.
    """
    with contextlib.ExitStack() as locks:
        for folder in sorted({manifest.parent for manifest in manifests}):
            locks.enter_context(_locked(folder))
        pending = [pending_path(manifest) for manifest in manifests]
        keep_at_exit(move.temporary for move in moves if move.temporary is not None)
        try:
            for path in pending:
                _write_pending(path, pending, moves)
            for move in moves:
                move.apply()
            _sync_folders(moves)
        except BaseException:
            for move in reversed(moves):
                move.undo()
            for path in pending:
                path.unlink(missing_ok=True)
            raise
        _clean_up(pending, moves)


def _write_pending(path: Path, pending: Iterable[Path], moves: Iterable[Move]) -> None:
    """Write a pending file, whose paths are relative to its folder."""
    folder = str(path.parent)

    def relative(name: str) -> str:
        is_inside = name.startswith(folder + os.sep)
        return name[len(folder) + 1 :] if is_inside else os.path.relpath(name, folder)

    stored = {
        "format": _FORMAT,
        "pending": [relative(str(each)) for each in pending],
        "moves": [{key: value and relative(value) for key, value in vars(move).items()} for move in moves],
    }
    writer = LocalWriter(path)
    try:
        writer.write(json.dumps(stored).encode())  # unlike with an indent, encoded in C
        writer.finish()
        writer.commit()
    except BaseException:
        writer.discard()
        raise


def _sync_folders(moves: Iterable[Move]) -> None:
    for folder in {os.path.dirname(move.target) for move in moves}:
        sync_folder(Path(folder))


def _clean_up(pending: Iterable[Path], moves: Iterable[Move]) -> None:
    for path in pending:
        path.unlink(missing_ok=True)
    for move in moves:
        if os.path.exists(move.aside):
            os.unlink(move.aside)


def complete_commit(manifest: str) -> None:
    """Complete the commit of a set whose writer was killed, if there is one; wait for a writer that lives.

    Raises:
        UsageError: The commit cannot be completed.
    """
    local = local_path(manifest)
    if local is None:
        return
    path = pending_path(Path(os.path.realpath(local)))
    with wrap_file_errors(manifest, "cannot be looked up", "check the path"):
        if not path.exists():
            return
    what = "an interrupted write of this set cannot be completed"
    with wrap_file_errors(manifest, what, "write the set again"), _locked(path.parent):
        if path.exists():
            _complete(path)


def read_consistently(manifest: str, read: Callable[[], T]) -> T:
    """Read the files of a set; if another process replaces the set meanwhile, again, while nobody can.

    Args:
        manifest: The manifest's path or URL.
        read: Reads the files; may fail if it sees old and new files.

    Raises:
        UsageError: An interrupted commit cannot be completed.
        Exception: `read` failed on a set that was not replaced meanwhile.
    """
    local = local_path(manifest)
    if local is None:
        return read()
    complete_commit(manifest)
    before = _stamp(local)
    try:
        result = read()
    except Exception:
        if before == _stamp(local) != _COMMITTING:
            raise
    else:
        if before == _stamp(local) != _COMMITTING:
            return result
    path = pending_path(Path(os.path.realpath(local)))
    with _locked(path.parent):
        if path.exists():
            _complete(path)
        return read()


def _stamp(manifest: Path) -> tuple[int, int, int] | None:
    """Identify the commit of a set; None without a manifest, `_COMMITTING` during a commit."""
    try:
        if pending_path(Path(os.path.realpath(manifest))).exists():
            return _COMMITTING
        status = manifest.stat()
    except OSError:
        return None
    return (status.st_ino, status.st_mtime_ns, status.st_size)


def complete_commits(folder: str) -> None:
    """Complete the commits of all sets in a local folder whose writers were killed.

    Raises:
        UsageError: A commit cannot be completed.
    """
    local = local_path(folder)
    try:
        names = [] if local is None else [entry.name for entry in os.scandir(local)]
    except OSError:
        return  # reading the files reports it
    for name in names:
        if name.startswith(".") and name.endswith(PENDING_SUFFIX):
            complete_commit(os.path.join(folder, name[1 : -len(PENDING_SUFFIX)]))


def _complete(path: Path) -> None:
    folder = path.parent
    try:
        stored = json.loads(path.read_bytes())
        if stored["format"] != _FORMAT:
            raise ValueError(f"format {stored['format']!r}, expected {_FORMAT}")
        moves = [_absolute_move(folder, each) for each in stored["moves"]]
        pending = [Path(os.path.normpath(folder / each)) for each in stored["pending"]]
    except (LookupError, TypeError, ValueError) as error:
        raise UsageError("not a pending commit", path=str(path), hint="write the set again") from error
    _check_names(path, moves, pending)
    for move, was_live in zip(moves, _live(moves), strict=True):
        if was_live:
            move.apply()
        elif move.temporary is not None and not Path(move.target).exists():
            raise UsageError("a file is missing", path=move.target, hint="write the set again")
    _sync_folders(moves)
    _clean_up(pending, moves)


def _live(moves: Sequence[Move]) -> list[bool]:
    """Which moves are still to be done; a deletion is as long as the next file, its manifest, has no name."""
    live: list[bool] = []
    is_next_live = False
    for move in reversed(moves):
        if move.temporary is not None:
            is_next_live = os.path.exists(move.temporary)
        live.append(is_next_live)
    return live[::-1]


def _absolute_move(folder: Path, stored: Mapping[str, Any]) -> Move:
    def absolute(path: str) -> str:
        return os.path.normpath(folder / path)

    temporary = stored["temporary"]
    return Move(
        absolute(stored["target"]),
        None if temporary is None else absolute(temporary),
        absolute(stored["aside"]),
    )


def _check_names(path: Path, moves: Iterable[Move], pending: Iterable[Path]) -> None:
    """Refuse a pending file that would move anything but temporary files of its targets."""
    for move in moves:
        for name in (move.temporary, move.aside):
            if name is not None and not _is_temporary_of(Path(name), Path(move.target)):
                raise UsageError("not a pending commit", path=str(path), hint="write the set again")
    for each in pending:
        if not each.name.startswith(".") or not each.name.endswith(PENDING_SUFFIX):
            raise UsageError("not a pending commit", path=str(path), hint="write the set again")


def _is_temporary_of(path: Path, target: Path) -> bool:
    return (
        path.parent == target.parent and is_temporary(path.name) and path.name.startswith(f".{target.name}.")
    )
