"""Files that appear under their name only when they are complete."""

from __future__ import annotations

import gzip
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from headrace.errors import UsageError

__all__ = ["COMPRESSIONS", "AtomicFile"]

COMPRESSIONS = (None, "gzip")


class AtomicFile:
    """A new file beside its final place, hidden until `commit` renames it there.

    As a context manager it commits at the end, or discards when an exception passes.

    Args:
        path: The final name; an existing file is replaced.
        compression: None or "gzip".

    Raises:
        UsageError: An unknown compression, or a directory that cannot be written to.
    """

    def __init__(self, path: str | os.PathLike[str], compression: str | None = None) -> None:
        if compression not in COMPRESSIONS:
            raise UsageError(f"compression {compression!r} is unknown", way_out='use None or "gzip"')
        self.path = Path(path)
        self._temporary = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}.tmp")
        try:
            self._raw = self._temporary.open("xb")
        except OSError as error:
            way_out = "create the directory or choose another place"
            raise UsageError(
                f"cannot be written: {error.strerror}", path=str(path), way_out=way_out
            ) from error
        self._file: IO[bytes] | gzip.GzipFile = self._raw
        if compression == "gzip":  # no name and no time inside, so that equal data make equal files
            self._file = gzip.GzipFile(filename="", mode="wb", fileobj=self._raw, compresslevel=6, mtime=0)

    def write(self, data: bytes | memoryview) -> None:
        """Appends bytes."""
        self._file.write(data)

    def finish(self) -> None:
        """Writes out and closes what is buffered; the file still waits for its name."""
        self._file.close()
        self._raw.close()

    def commit(self) -> None:
        """Gives the file its name."""
        self.finish()
        self._temporary.replace(self.path)

    def discard(self) -> None:
        """Removes what was written."""
        self._raw.close()
        self._temporary.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.commit()
        else:
            self.discard()
