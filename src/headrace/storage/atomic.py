"""Files that appear under their name only when they are complete."""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from headrace.storage.compression import check_name, compressor
from headrace.storage.filesystem import filesystem, local_path, refusals

__all__ = ["AtomicFile", "atomic_files"]

_WAY_OUT = "create the directory or choose another place"


class _Hidden(Protocol):
    """A file that has not got its name yet."""

    def write(self, data: Any, /) -> object: ...
    def finish(self) -> None: ...
    def commit(self) -> None: ...
    def discard(self) -> None: ...


class _LocalFile:
    """Hidden beside its final place; a rename commits it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
        self._file = self._temporary.open("xb")
        self.write = self._file.write

    def finish(self) -> None:
        self._file.close()

    def commit(self) -> None:
        self._temporary.replace(self._path)

    def discard(self) -> None:
        self._file.close()
        self._temporary.unlink(missing_ok=True)


class _RemoteFile:
    """In a transaction of fsspec's, of a file system that nobody else uses meanwhile."""

    def __init__(self, path: str) -> None:
        self._fs, name = filesystem(path, private=True)
        self._fs.start_transaction()
        self._file: Any = self._fs.open(name, "wb")
        self.write = self._file.write

    def finish(self) -> None:
        self._file.close()

    def commit(self) -> None:
        self._fs.end_transaction()

    def discard(self) -> None:
        self._file.close()
        self._fs.transaction.complete(commit=False)


@contextmanager
def atomic_files(paths: Iterable[str], compression: str | None = None) -> Generator[list[AtomicFile]]:
    """Several files, of which all get their names at the end, or none when an exception passes.

    Raises:
        UsageError: As of `AtomicFile`.
    """
    files: list[AtomicFile] = []
    try:
        for path in paths:
            files.append(AtomicFile(path, compression))
        yield files
        for file in files:
            file.finish()
        for file in files:
            file.commit()
    except BaseException:
        for file in files:
            file.discard()
        raise


class AtomicFile:
    """A new file, local or at a URL, hidden until `commit` gives it its name.

    As a context manager it commits at the end, or discards when an exception passes.

    Args:
        path: The final name; an existing file is replaced.
        compression: None, "gzip" or "zlib".

    Raises:
        UsageError: An unknown compression, or a place that cannot be written to.
    """

    def __init__(self, path: str | os.PathLike[str], compression: str | None = None) -> None:
        check_name(compression)
        self.path = os.fspath(path)
        self._compressor = None if compression is None else compressor(compression)
        with refusals(self.path, "cannot be written", _WAY_OUT):
            local = local_path(self.path)
            self._file: _Hidden = _LocalFile(local) if local is not None else _RemoteFile(self.path)
        self._is_open = True

    def write(self, data: Any) -> None:
        """Appends bytes, or an array of them."""
        self._file.write(data if self._compressor is None else self._compressor.compress(data))

    def finish(self) -> None:
        """Writes out and closes what is buffered; the file still waits for its name."""
        if not self._is_open:
            return
        self._is_open = False
        if self._compressor is not None:
            self._file.write(self._compressor.flush())
        with refusals(self.path, "cannot be written", "make room or choose another place"):
            self._file.finish()

    def commit(self) -> None:
        """Gives the file its name.

        Raises:
            UsageError: It cannot be written.
        """
        self.finish()
        with refusals(self.path, "cannot be written", _WAY_OUT):
            self._file.commit()

    def discard(self) -> None:
        """Removes what was written."""
        self._is_open = False
        self._file.discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.commit()
        else:
            self.discard()
