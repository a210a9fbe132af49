"""The files of a .zip, .tar or .tar.gz, read in place.

Nothing is extracted under a name that the archive chooses. Of a compressed tar, the files asked for are
decompressed once into a nameless temporary file, because gzip can only be read from the start.
"""

from __future__ import annotations

import bz2
import gzip
import re
import tarfile
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol, TypeVar, cast

from headrace.datasets.parsers.byte_range import ByteRange, bad_file, open_spool
from headrace.errors import UsageError

__all__ = ["Archive", "TarFiles", "ZipFiles", "open_archive"]

T = TypeVar("T")

_LARGEST = (1 << 31) - 1  # bytes of a file that is read as a whole, the most that a binary column holds
_MOST_FILES = 4_000_000
_STEP = 1 << 20  # bytes
_DAMAGE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    gzip.BadGzipFile,
    NotImplementedError,
    RuntimeError,
    UnicodeDecodeError,
    ValueError,
)


class Archive(Protocol):
    """The chosen files of an archive; any thread may read them."""

    @property
    def path(self) -> str:
        """The archive."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the files, folders included, in the order of the archive."""
        ...

    def find(self, name: str) -> ByteRange:
        """Find the bytes of a file."""
        ...

    def read(self, name: str) -> bytes:
        """Read a file."""
        ...

    def read_start(self, name: str, size: int) -> bytes:
        """Read up to `size` bytes from the start of a file."""
        ...


class ZipFiles:
    """The files of a .zip; see `Archive`."""

    def __init__(self, path: Path, wanted: str) -> None:
        self.path = str(path)
        with _damage_as_error(self.path):
            self._zip = zipfile.ZipFile(path)
        entries = [each for each in self._zip.infolist() if not each.is_dir()]
        self._entries = {each.filename: each for each in _choose(entries, "filename", wanted, self.path)}
        self.names = tuple(self._entries)

    def find(self, name: str) -> ByteRange:
        """Decompress a file into a temporary one."""
        entry = _get(self._entries, name, self.path)
        spool = open_spool(Path(self.path))
        with _damage_as_error(f"{self.path}/{name}"), self._zip.open(entry) as file:
            while block := file.read(_STEP):
                spool.write(block)
        spool.flush()
        return ByteRange(spool, 0, spool.tell(), f"{self.path}/{name}")

    def read(self, name: str) -> bytes:
        """Read a file of less than 2 GiB.

        Raises:
            RecordError: The archive has no such file, or a damaged one.
        """
        entry = _get(self._entries, name, self.path)
        _check_size(entry.file_size, f"{self.path}/{name}")
        with _damage_as_error(f"{self.path}/{name}"), self._zip.open(entry) as file:
            return file.read(entry.file_size + 1)

    def read_start(self, name: str, size: int) -> bytes:
        """Read up to `size` bytes from the start of a file.

        Raises:
            RecordError: As for `read`.
        """
        entry = _get(self._entries, name, self.path)
        with _damage_as_error(f"{self.path}/{name}"), self._zip.open(entry) as file:
            return file.read(size)


class TarFiles:
    """The files of a .tar, plain or compressed by gzip or bzip2, found by its content; see `Archive`."""

    def __init__(self, path: Path, wanted: str, base: ByteRange | None = None) -> None:
        self.path = str(path) if base is None else base.path
        self._places: dict[str, tuple[int, int]] = {}  # of a file: its first byte, its size
        self._file: IO[bytes] | None = None  # that holds them
        with _damage_as_error(self.path):
            if base is not None:
                self._list_plain(base, wanted)
                return
            file = path.open("rb")
            start = file.read(3)
            file.seek(0)
            if start[:2] != b"\x1f\x8b" and start != b"BZh":
                self._list_plain(ByteRange(file, 0, path.stat().st_size, self.path), wanted)
                return
            with file:
                unpack = gzip.open if start[:2] == b"\x1f\x8b" else bz2.open
                self._unpack(cast("IO[bytes]", unpack(file)), path, wanted)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the files, in the order of the archive."""
        return tuple(self._places)

    def find(self, name: str) -> ByteRange:
        """Find the bytes of a file.

        Raises:
            RecordError: The archive has no such file.
        """
        offset, size = _get(self._places, name, self.path)
        assert self._file is not None
        return ByteRange(self._file, offset, size, f"{self.path}/{name}")

    def read(self, name: str) -> bytes:
        """Read a file of less than 2 GiB.

        Raises:
            RecordError: The archive has no such file.
        """
        found = self.find(name)
        _check_size(found.size, found.path)
        return found.read()

    def read_start(self, name: str, size: int) -> bytes:
        """Read up to `size` bytes from the start of a file.

        Raises:
            RecordError: The archive has no such file.
        """
        found = self.find(name)
        return found.read(0, min(size, found.size))

    def _list_plain(self, base: ByteRange, wanted: str) -> None:
        with tarfile.open(fileobj=_Window(base), mode="r:") as archive:  # type: ignore[call-overload]
            for member in self._choose_members(archive, wanted):
                if member.offset_data + member.size > base.size:
                    raise bad_file(f"the archive ends inside {member.name}", self.path)
                self._places[member.name] = base.offset + member.offset_data, member.size
                archive.members = []  # which would hold an object for each file
        self._file = base.file

    def _unpack(self, stream: IO[bytes], path: Path, wanted: str) -> None:
        spool = open_spool(path)
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in self._choose_members(archive, wanted):
                file = archive.extractfile(member)
                offset = spool.tell()
                while file is not None and (block := file.read(_STEP)):
                    spool.write(block)
                if spool.tell() - offset != member.size:
                    raise bad_file(f"the archive ends inside {member.name}", self.path)
                self._places[member.name] = offset, member.size
                archive.members = []  # pyright: ignore[reportAttributeAccessIssue] - typeshed lacks it
        while stream.read(_STEP):  # to the checksum of gzip
            pass
        spool.flush()
        self._file = spool

    def _choose_members(self, archive: tarfile.TarFile, wanted: str) -> Iterator[tarfile.TarInfo]:
        files = (each for each in archive if not each.isdir())
        for member in _choose(files, "name", wanted, self.path):
            if not member.isfile():
                raise bad_file(f"expected a plain file, got a link or device ({member.name})", self.path)
            yield member


class _Window:
    """A range of bytes as a file, which `tarfile` lists."""

    def __init__(self, base: ByteRange) -> None:
        self._base, self._position = base, 0

    def read(self, size: int = -1) -> bytes:
        left = max(self._base.size - self._position, 0)
        data = self._base.read(self._position, left if size < 0 else min(size, left))
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        start = (0, self._position, self._base.size)[whence]
        self._position = start + offset
        return self._position

    def tell(self) -> int:
        return self._position


def open_archive(path: Path, wanted: str) -> Archive:
    """Open an archive by its content, not its name.

    Args:
        path: A .zip, .tar, .tar.gz or .tar.bz2.
        wanted: A regular expression that the whole name of a file must match; others are not read.

    Raises:
        UsageError: The file does not exist.
        RecordError: It is another file or damaged, no file matches `wanted`, or a file has an unsafe path,
            is a link, or has the name of another.
    """
    if not path.is_file():
        raise UsageError("no such file", path=str(path), hint="fetch it with `headrace datasets prepare`")
    archive = ZipFiles(path, wanted) if zipfile.is_zipfile(path) else TarFiles(path, wanted)
    if not archive.names:
        raise bad_file(f"the archive contains no file of the expected names ({wanted})", str(path))
    return archive


def _choose(members: Iterator[T] | list[T], attribute: str, wanted: str, path: str) -> Iterator[T]:
    """Choose the wanted members, and refuse unsafe and repeated names."""
    pattern, seen = re.compile(wanted), set[str]()
    for member in members:
        name: str = getattr(member, attribute).removeprefix("./")
        setattr(member, attribute, name)
        parts = name.split("/")
        if name.startswith("/") or ".." in parts or "\\" in name or "\0" in name:
            raise bad_file(f"the archive contains the unsafe path {name!r}", path)
        if any(part.startswith(".") for part in parts) or not pattern.fullmatch(name):
            continue
        if name in seen:
            raise bad_file(f"the archive contains two files of the name {name!r}", path)
        if len(seen) == _MOST_FILES:
            raise bad_file(f"the archive contains more than {_MOST_FILES:,} files", path)
        seen.add(name)
        yield member


def _get(found: dict[str, T], name: str, path: str) -> T:
    if name not in found:
        raise bad_file(f"the archive lacks the file {name!r}", path)
    return found[name]


def _check_size(size: int, path: str) -> None:
    if size > _LARGEST:
        raise bad_file(f"expected a file of less than 2 GiB, got {size:,} bytes", path)


@contextmanager
def _damage_as_error(path: str) -> Generator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise bad_file(f"not a readable archive ({error or type(error).__name__})", path) from error
    except OSError as error:
        raise UsageError(
            f"cannot be read ({error})", path=path, hint="check the file and the disk"
        ) from error
