"""What has been received of a file: kept beside it, so that a later process continues."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from headrace.file_errors import wrap_file_errors
from headrace.storage import write_text

__all__ = ["PartialFile"]

_BLOCK = 1 << 20  # bytes


class PartialFile:
    """The hidden file `.NAME.part` beside a target, as a context manager.

    What an earlier process has received is kept, unless it is longer than the file should be.

    Args:
        target: The final path; its folder must exist.
        algorithm: Of the checksum, by its name in hashlib.
        size: The size that the file should have, in bytes.

    Attributes:
        size: Bytes received.
        is_resumed: Whether they come from several responses.

    Raises:
        UsageError: (on entering and writing) The file cannot be written, on a full disk for example.
    """

    def __init__(self, target: Path, algorithm: str, size: int) -> None:
        self._target, self._algorithm, self._expected = target, algorithm, size
        self._path = target.with_name(f".{target.name}.part")
        self._validator_path = target.with_name(f".{target.name}.part.version")
        self._descriptor = -1
        self.size = 0
        self.is_resumed = False

    def __enter__(self) -> Self:
        with self._wrap_errors():
            self._descriptor = os.open(
                self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666
            )
            self._digest = hashlib.new(self._algorithm, usedforsecurity=False)
            if os.fstat(self._descriptor).st_size > self._expected:
                self.restart()
            while block := os.read(self._descriptor, _BLOCK):
                self._digest.update(block)
                self.size += len(block)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)

    @property
    def checksum(self) -> str:
        """The algorithm and the hexadecimal digest of what has been received."""
        return f"{self._algorithm}:{self._digest.hexdigest()}"

    def read_validator(self, url: str) -> str:
        """Return the validator of the file at a URL, as noted at the first bytes; "" without one."""
        try:
            noted, _, validator = self._validator_path.read_text(encoding="utf-8").partition("\n")
        except (OSError, ValueError):
            return ""
        return validator if noted == url and validator.isprintable() else ""

    def note_validator(self, url: str, validator: str) -> None:
        """Note the validator of the file at a URL."""
        write_text(self._validator_path, f"{url}\n{validator}")

    def write(self, data: bytes) -> None:
        """Append bytes."""
        with self._wrap_errors():
            left = memoryview(data)
            while left:
                written = os.write(self._descriptor, left)
                self._digest.update(left[:written])
                self.size += written
                left = left[written:]

    def restart(self) -> None:
        """Forget what has been received."""
        with self._wrap_errors():
            os.ftruncate(self._descriptor, 0)
        self._digest = hashlib.new(self._algorithm, usedforsecurity=False)
        self.size = 0
        self.is_resumed = False

    def commit(self) -> None:
        """Give the file its name."""
        with self._wrap_errors():
            os.fsync(self._descriptor)
            self._path.rename(self._target)
            self._validator_path.unlink(missing_ok=True)

    def discard(self) -> None:
        """Delete what has been received."""
        with self._wrap_errors():
            self._path.unlink(missing_ok=True)
            self._validator_path.unlink(missing_ok=True)

    def _wrap_errors(self) -> Any:
        what = "cannot be written (what has been received is kept)"
        return wrap_file_errors(str(self._target), what, "try again, or choose another folder")
