"""Read the members of tar archives (POSIX.1-1988 ustar, POSIX.1-2001 pax, GNU): names, places, contents.

Nothing is extracted. Links, devices and sparse files are errors, and so is an archive without its end marker;
all sizes are checked before memory is taken.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from io import SEEK_SET
from typing import NamedTuple, Self

from headrace.errors import RecordError, UsageError
from headrace.storage import READ_ERRORS, file_size, local_path, open_decompressed, open_random_access

__all__ = ["TarMember", "TarReader", "is_compressed_tar"]

_BLOCK = 512
_STEP = 1 << 20  # bytes read at a time: a claimed size takes memory only as bytes arrive
_LARGEST = (1 << 31) - 1  # bytes of a member, the most that a row of a binary column holds
_LARGEST_NAME = 1 << 16  # bytes of a long name
_LARGEST_PAX = 1 << 20  # bytes of the pax records of a member
_COMPRESSED = (".gz", ".tgz", ".bz2", ".zst")
_FILES, _FOLDER = frozenset({b"\0", b"0", b"7"}), b"5"
_REFUSED = {b"1": "a hard link", b"2": "a symbolic link", b"3": "a device", b"4": "a device", b"6": "a pipe",
            b"S": "a sparse file", b"V": "a volume header", b"M": "a continued file"}  # fmt: skip
_PAX_RECORD = re.compile(rb"(\d{1,9}) ([^=]{1,256})=")
_COPY_AGAIN = "copy the archive again"


class TarMember(NamedTuple):
    """A file in an archive.

    Attributes:
        name: Its name, folders included.
        header: The offset of its header in the (decompressed) archive.
        offset: The offset of its first byte.
        size: Its size in bytes.
    """

    name: str
    header: int
    offset: int
    size: int


def is_compressed_tar(path: str) -> bool:
    """Return whether an archive is compressed, by its name."""
    return path.endswith(_COMPRESSED)


class TarReader:
    """The members of an archive, in order; of a local archive, only what is asked for is read.

    Args:
        path: The archive, a local path or URL.

    Raises:
        UsageError: The archive cannot be opened.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._can_seek = local_path(path) is not None and not is_compressed_tar(path)
        self._size = file_size(path) if self._can_seek else None
        self._local = open_random_access(path) if self._can_seek else None
        self._file = self._local or open_decompressed(path)
        self._position = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[TarMember]:
        """Yield the files of the archive; folders are skipped.

        Raises:
            RecordError: The archive is truncated or corrupt, or contains a link or another special file.
            UsageError: The archive cannot be read further.
        """
        name, size = None, None  # of the next member, from the extended headers before it
        while (found := self._read_header()) is not None:
            header, at = found
            kind, claimed = header[156:157], self._parse_number(header[124:136], at, "size")
            claimed = claimed if size is None or kind in b"xgLK" else size
            self._check_size(claimed, at)
            if kind in (b"x", b"g"):
                records = self._read_pax(at, claimed)
                if kind == b"x":
                    name, size = records.get(b"path", name), self._pax_size(records, at, size)
            elif kind in (b"L", b"K"):
                long = self._read_limited(at, claimed, _LARGEST_NAME, "name")
                name = long.rstrip(b"\0") if kind == b"L" else name
            elif kind in _FILES:
                member = TarMember(_decode(name or _short_name(header)), at, self._position, claimed)
                yield member
                self._skip_to(-(-(member.offset + claimed) // _BLOCK) * _BLOCK, at)
                name, size = None, None
            elif kind == _FOLDER:
                self._skip_to(self._position + claimed, at)
                name, size = None, None
            else:
                name_ = _decode(name or _short_name(header))
                what = f"expected a file, got {_REFUSED.get(kind, f'a member of type {kind!r}')} ({name_})"
                raise self._error(what, at, "pack plain files only")
            self._skip_padding(at)

    def read(self, member: TarMember) -> bytes:
        """Read the content of the member that was yielded last."""
        return self._read_exactly(member.size, member.header)

    def _error(self, what: str, offset: int, hint: str = _COPY_AGAIN) -> RecordError:
        return RecordError(what, path=self.path, offset=offset, hint=hint)

    def _read(self, size: int) -> bytes:
        try:
            data = self._file.read(size)
        except READ_ERRORS as error:
            what = f"cannot be read further ({error})"
            raise UsageError(what, path=self.path, offset=self._position, hint=_COPY_AGAIN) from error
        self._position += len(data)
        return data

    def _read_exactly(self, size: int, header: int) -> bytes:
        parts: list[bytes] = []
        missing = size
        while missing:
            part = self._read(min(missing, _STEP))
            if not part:
                what = f"the archive ends inside this member: expected {size:,} bytes, got {size - missing:,}"
                raise self._error(what, header)
            parts.append(part)
            missing -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _skip_to(self, offset: int, header: int) -> None:
        if self._local is not None and offset != self._position:
            self._local.seek(offset, SEEK_SET)
            self._position = offset
        while self._position < offset:
            if not self._read(min(offset - self._position, _STEP)):
                raise self._error("the archive ends inside this member", header)

    def _skip_padding(self, header: int) -> None:
        self._skip_to(-(-self._position // _BLOCK) * _BLOCK, header)

    def _read_header(self) -> tuple[bytes, int] | None:
        """Read the next header and its offset; None at the end of the archive."""
        at = self._position
        block = self._read(_BLOCK)
        if not block and at:
            raise self._error("the archive is truncated: its end marker is missing", at)
        if len(block) < _BLOCK:
            what = "not a tar archive" if not at else "the archive ends inside a header"
            raise self._error(f"{what}: expected {_BLOCK} bytes, got {len(block)}", at)
        if not block.strip(b"\0"):
            self._check_end()
            return None
        stored = self._parse_number(block[148:156], at, "checksum")
        if not _has_sum(block, stored):
            what = "the header of the member does not match its checksum" if at else "not a tar archive"
            raise self._error(what, at, _COPY_AGAIN if at else "pass a .tar, .tar.gz, .tar.bz2 or .tar.zst")
        return block, at

    def _check_end(self) -> None:
        """Check that only zero bytes follow the end marker."""
        while True:
            at = self._position
            rest = self._read(_STEP)
            if not rest:
                return
            if rest.strip(b"\0"):
                what = "data follow the end marker: several archives were concatenated"
                raise self._error(what, at, "join them by tar --concatenate, or pass them one by one")

    def _parse_number(self, field: bytes, at: int, what: str) -> int:
        if field[0] == 0x80:  # GNU: binary, big-endian
            return int.from_bytes(field[1:], "big")
        digits = field.strip(b" \0")
        if not digits:
            return 0
        if digits.strip(b"01234567"):
            what = f"the {what} of the member is not a number: {field!r}" if at else "not a tar archive"
            raise self._error(what, at)
        return int(digits, 8)

    def _check_size(self, size: int, at: int) -> None:
        if size > _LARGEST:
            raise self._error(f"expected a member of less than 2 GiB, the header claims {size:,} bytes", at)
        if self._size is not None and size > self._size - self._position:
            left = self._size - self._position
            what = f"the archive ends inside this member: expected {size:,} bytes, got {left:,}"
            raise self._error(what, at)

    def _read_limited(self, at: int, size: int, limit: int, what: str) -> bytes:
        if size > limit:
            raise self._error(f"expected a {what} of at most {limit:,} bytes, got {size:,}", at)
        return self._read_exactly(size, at)

    def _read_pax(self, at: int, size: int) -> dict[bytes, bytes]:
        data = self._read_limited(at, size, _LARGEST_PAX, "pax header")
        records: dict[bytes, bytes] = {}
        start = 0
        while start < len(data):
            found = _PAX_RECORD.match(data, start)
            end = start + int(found[1]) if found else 0
            if found is None or not found.end() < end <= len(data) or data[end - 1 : end] != b"\n":
                raise self._error("the pax header of the member is corrupt", at)
            records[found[2]] = data[found.end() : end - 1]
            start = end
        if any(key.startswith(b"GNU.sparse") for key in records):
            raise self._error("expected a file, got a sparse file", at, "pack plain files only")
        return records

    def _pax_size(self, records: dict[bytes, bytes], at: int, size: int | None) -> int | None:
        text = records.get(b"size")
        if text is None:
            return size
        if not re.fullmatch(rb"\d{1,19}", text):
            raise self._error(f"the size of the member is not a number: {text[:32]!r}", at)
        return int(text)


def _has_sum(header: bytes, stored: int) -> bool:
    """Return whether the bytes of a header add up to its checksum, whose own bytes count as spaces."""
    total = (zlib.adler32(header) & 0xFFFF) - 1  # the sum modulo 65,521
    return (total - sum(header[148:156]) + 8 * ord(" ") - stored) % 65_521 == 0


def _short_name(header: bytes) -> bytes:
    name, prefix = header[:100].split(b"\0")[0], header[345:500].split(b"\0")[0]
    return prefix + b"/" + name if header[257:263] == b"ustar\0" and prefix else name


def _decode(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode("latin-1")
