"""Open local files for Arrow, or map them into memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, cast

import pyarrow as pa

from headrace._native import MappingGuard
from headrace.data.block_checksums import open_checksummed
from headrace.data.sources.tables.arrow_checks import corruption_error
from headrace.errors import UsageError
from headrace.storage import local_path

__all__ = ["FileIdentity", "MappedFile", "guard_mappings", "open_file"]


def open_file(file: str) -> pa.NativeFile:
    """Open a local file; what is read from it lies in memory, also after the file is cut.

    Blocks of a file that Headrace wrote are compared with their checksums as they are read.

    Raises:
        RecordError: The footer of a file that Headrace wrote does not match its checksum.
        UsageError: The file cannot be opened.
    """
    try:
        checked = open_checksummed(file)
    except OSError as error:
        raise UsageError(f"cannot read the file ({error})", path=file, hint="check the file") from error
    return _open(pa.OSFile, file) if checked is None else pa.PythonFile(checked, "r")


class FileIdentity(NamedTuple):
    """A file at the time when it was opened or mapped.

    Attributes:
        file: Its path.
        device: The device that it lies on.
        inode: Its number there; a file that is replaced gets another one, and the open one is kept.
        size: Its size in bytes.
    """

    file: str
    device: int
    inode: int
    size: int

    @classmethod
    def read(cls, file: str) -> FileIdentity:
        """Read the identity of a file that has just been opened.

        Raises:
            UsageError: The file no longer exists.
        """
        try:
            found = os.stat(_encode(file))  # noqa: PTH116 - bytes: names may not be UTF-8
        except OSError as error:
            raise UsageError(f"cannot read the file ({error})", path=file, hint="check the file") from error
        return cls(file, found.st_dev, found.st_ino, found.st_size)

    def check_size(self) -> None:
        """Check that the file has not been cut.

        Raises:
            RecordError: It has been cut.
        """
        try:
            found = os.stat(_encode(self.file))  # noqa: PTH116 - as above
        except OSError:
            return  # deleted; the open file is kept
        is_same = (found.st_dev, found.st_ino) == (self.device, self.inode)
        if is_same and found.st_size < self.size:
            what = f"the file was cut while it was read: expected {self.size:,} bytes, got {found.st_size:,}"
            raise corruption_error(self.file, what)


class MappedFile:
    """A local file mapped into memory. What another process cuts off reads as zeros; see `guard_mappings`.

    Attributes:
        identity: What the file was when it was mapped.
        opened: The file, at its start.
        buffer: All of its bytes.

    Raises:
        UsageError: The file cannot be mapped.
    """

    def __init__(self, file: str) -> None:
        self.opened: pa.MemoryMappedFile = _open(pa.memory_map, file)
        self.identity = FileIdentity.read(file)
        self.buffer = self.opened.read_buffer()
        self.opened.seek(0)
        self.guard = MappingGuard(self.buffer, self.buffer.address, self.buffer.size)

    def check(self) -> None:
        """Check that every byte that was read was still in the file.

        Raises:
            RecordError: The file has been cut.
        """
        if self.guard.is_broken:
            raise corruption_error(self.identity.file, "the file was cut while it was read")


@contextmanager
def guard_mappings(mapped: Sequence[MappedFile]) -> Generator[None]:
    """Guard a block that reads mapped files: what it has read is checked at its end.

    Raises:
        RecordError: A file has been cut; also in place of an error that its zeros led to.
    """
    for each in mapped[:1]:
        each.guard.arm()
    try:
        yield
    except Exception:
        for each in mapped:
            each.check()
        raise
    for each in mapped:
        each.check()


def _open(open_: Callable[[bytes], Any], file: str) -> Any:
    try:
        return open_(_encode(file))
    except (OSError, pa.ArrowInvalid) as error:
        raise UsageError(f"cannot read the file ({error})", path=file, hint="check the file") from error


def _encode(file: str) -> bytes:
    return os.fsencode(cast("os.PathLike[str]", local_path(file)))
