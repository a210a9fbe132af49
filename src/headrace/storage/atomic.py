"""Atomic writes: files and folders that appear under their name only when they are complete."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from headrace.errors import UsageError
from headrace.file_errors import reason, remedy, wrap_file_errors
from headrace.storage.checksum import Checksum, RecordsChecksum
from headrace.storage.compression import check_compression, new_compressor
from headrace.storage.filesystem import expand_home, local_path
from headrace.storage.temporary import keep_at_exit, new_temporary_directory, sweep_target
from headrace.storage.writers import LocalWriter, StreamWriter, open_writer, sync_folder

__all__ = ["AtomicFile", "atomic_folder", "write_bytes", "write_text"]

_HINT = "create the directory or choose another place"


class AtomicFile:
    """A new file, local or at a URL, hidden until `commit` gives it its name.

    As a context manager, commits at the end, or discards when an exception passes. An existing file is
    replaced: its mode is kept, and a link to it stays a link. Pipes and devices are written to directly.

    Args:
        path: The final path, or a URL.
        compression: None, "gzip" or "zlib".
        sync: Whether `commit` writes the file and its folder's entry to disk. Pass False for files that can
            be recomputed and whose reader detects damage.
        checksum: Whether to compute `checksum`.
        swept: The folder of a local path, links resolved, if the leftovers of killed writers in it have been
            deleted; None: those of this file are deleted first.

    Attributes:
        path: The final path, or the URL.
        size: The number of bytes written to the file.
        checksum: The CRC-32C of these bytes, if it is computed.
        records: The checksum of the file's records for the manifest of its set; None unless the caller sets
            it.

    Raises:
        UsageError: Unknown compression, or the file cannot be created.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        compression: str | None = None,
        *,
        sync: bool = True,
        checksum: bool = False,
        swept: Path | None = None,
    ) -> None:
        check_compression(compression)
        self.path = expand_home(path)
        self.checksum = Checksum() if checksum else None
        self.records: RecordsChecksum | None = None
        self.size = 0
        self._compressor = None if compression is None else new_compressor(compression)
        with wrap_file_errors(self.path, "cannot be written", _HINT):
            self._writer = open_writer(self.path, sync=sync, swept=swept)
        self._is_open = True

    @property
    def local(self) -> LocalWriter | None:
        """The temporary file, if this is a regular local file."""
        return self._writer if isinstance(self._writer, LocalWriter) else None

    @property
    def is_stream(self) -> bool:
        """Whether this is a pipe or device."""
        return isinstance(self._writer, StreamWriter)

    def write(self, data: Any) -> None:
        """Append bytes, or an array of them.

        Raises:
            UsageError: The file cannot be written to, on a full disk for example.
            BrokenPipeError: The reader of a pipe has gone.
        """
        self._append(data if self._compressor is None else self._compressor.compress(data))

    def _append(self, data: Any) -> None:
        try:
            self._writer.write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            what = f"cannot be written: {reason(error)}"
            raise UsageError(what, path=self.path, hint=remedy(error, _HINT)) from error
        self.size += memoryview(data).nbytes
        if self.checksum is not None:
            self.checksum.update(data)

    def finish(self) -> None:
        """Write out what is buffered; the file still waits for its name.

        Raises:
            UsageError: The file cannot be written.
        """
        if not self._is_open:
            return
        self._is_open = False
        with wrap_file_errors(self.path, "cannot be written", _HINT):
            if self._compressor is not None:
                self._append(self._compressor.flush())
            self._writer.finish()

    def commit(self) -> None:
        """Give the file its name.

        Raises:
            UsageError: The file cannot be written.
        """
        self.finish()
        with wrap_file_errors(self.path, "cannot be written", _HINT):
            self._writer.commit()

    def discard(self) -> None:
        """Delete what was written."""
        self._is_open = False
        self._writer.discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.commit()
        except BaseException:
            self.discard()
            raise
        if kind is not None:
            self.discard()


def write_bytes(path: str | os.PathLike[str], data: Any, *, sync: bool = True) -> None:
    """Write a whole file atomically; its folder must exist.

    Args:
        path: The final path, or a URL.
        data: Bytes, or an array of them.
        sync: As for `AtomicFile`.

    Raises:
        UsageError: The file cannot be written.
    """
    with AtomicFile(path, sync=sync) as file:
        file.write(data)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a whole text file atomically, in UTF-8 and with newlines as they are; its folder must exist.

    Raises:
        UsageError: The file cannot be written.
    """
    write_bytes(path, text.encode())


@contextmanager
def atomic_folder(path: str | os.PathLike[str]) -> Generator[Path]:
    """Create a folder that gets its name when the block ends, and is deleted when an exception passes.

    Args:
        path: The folder, local; it must not exist, or be empty.

    Yields:
        The folder under its temporary name.

    Raises:
        UsageError: The folder holds files, or cannot be created.
    """
    local = local_path(os.fspath(path))
    if local is None:
        raise UsageError("not a local folder", path=os.fspath(path), hint="name a local folder")
    target = Path(os.path.realpath(local))
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError("already exists", path=str(local), hint="choose another place, or remove it first")
    sweep_target(target)
    with wrap_file_errors(str(local), "cannot be written", "create the directory above it"):
        temporary, descriptor = new_temporary_directory(target)
    try:
        yield temporary
        with wrap_file_errors(str(local), "cannot be written", _HINT):
            temporary.rename(target)
            sync_folder(target.parent)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    finally:
        keep_at_exit([temporary])
        os.close(descriptor)
