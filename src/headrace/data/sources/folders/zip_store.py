"""The contents of listed files of a .zip."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.data.identity import content_digest
from headrace.data.sources.folders.class_folders import NameRule, find_class_folders
from headrace.data.sources.folders.file_list import FileList
from headrace.data.sources.folders.file_store import FileLimit, too_many_bytes_error
from headrace.data.sources.folders.list_files import FileTree, is_visible
from headrace.errors import UsageError
from headrace.file_errors import wrap_file_errors

__all__ = ["ZipStore", "open_zip"]

# https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, section 4.3.7: signature, flags, method, times,
# CRC, sizes, lengths of name and extra field.
_HEADER = Struct("<4s2xHH16xHH")
_SIGNATURE = b"PK\x03\x04"
_ENCRYPTED, _UTF8 = 0x1, 0x800
_SPARE = 64  # bytes read beyond a member: the extra field of its header may be longer than in the directory
_MOST_BYTES = (1 << 31) - 1
# Raised by zipfile for corrupt or unsupported files.
_DAMAGE = (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, zlib.error)


class _Member(NamedTuple):
    """A file of the archive, by its entry in the directory."""

    name: str
    raw_name: bytes
    offset: int
    compressed: int
    size: int
    crc: int
    method: int


@dataclass(frozen=True)
class ZipStore:
    """Files in a .zip.

    Attributes:
        files: The files.
        limit: The largest file.
        members: The entry of each file.
    """

    files: FileList
    limit: FileLimit
    members: Sequence[_Member]

    def read(self, rows: NDArray[np.int64], enough: int) -> pa.Array:
        """See `FileStore.read`."""
        contents: list[bytes] = []
        size = 0
        with wrap_file_errors(self.files.root, "cannot be read", "check the path"):
            descriptor = os.open(self.files.root, os.O_RDONLY | os.O_CLOEXEC)
        try:
            for row in rows.tolist():
                data = self._read(descriptor, self.members[row])
                size += len(data)
                if size > _MOST_BYTES:
                    raise too_many_bytes_error(self.files.root)
                contents.append(data)
                if size >= enough:
                    break
        finally:
            os.close(descriptor)
        return pa.array(contents, pa.binary())

    def _read(self, descriptor: int, member: _Member) -> bytes:
        path = f"{self.files.root}/{member.name}"
        if member.size > self.limit.size:
            raise self.limit.error(path)
        data = _read_plain(descriptor, member)
        return self._read_by_zipfile(member.name, path) if data is None else data

    def _read_by_zipfile(self, name: str, path: str) -> bytes:
        """Read a file that is compressed by another method, or find out what is wrong with it."""
        try:
            with zipfile.ZipFile(self.files.root) as archive, archive.open(name) as file:
                data = file.read(self.limit.size + 1)
        except _DAMAGE as error:
            what, hint = f"cannot read the file ({error})", "download the archive again"
            raise UsageError(what, path=path, hint=hint) from error
        if len(data) > self.limit.size:
            raise self.limit.error(path)
        return data

    def find_sizes(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """See `FileStore.find_sizes`."""
        return np.array([self.members[row].size for row in rows.tolist()], np.int64)

    def identify(self, rows: NDArray[np.int64]) -> str:  # noqa: ARG002 - the archive is one file
        """See `FileStore.identify`."""
        return content_digest([self.files.root], ["zip"]).hex()


def _read_plain(descriptor: int, member: _Member) -> bytes | None:
    """Read a stored or deflated file; None if it is anything else, or corrupt."""
    data = os.pread(
        descriptor, _HEADER.size + len(member.raw_name) + member.compressed + _SPARE, member.offset
    )
    if len(data) < _HEADER.size:
        return None
    signature, flags, method, name_length, extra_length = _HEADER.unpack_from(data)
    start = _HEADER.size + name_length + extra_length
    is_same = data[_HEADER.size : _HEADER.size + name_length] == member.raw_name and method == member.method
    if signature != _SIGNATURE or flags & _ENCRYPTED or not is_same:
        return None
    packed = data[start : start + member.compressed]
    if len(packed) < member.compressed:
        packed = os.pread(descriptor, member.compressed, member.offset + start)
    contents = _unpack(packed, member)
    return contents if contents is not None and zlib.crc32(contents) == member.crc else None


def _unpack(packed: bytes, member: _Member) -> bytes | None:
    if member.method == zipfile.ZIP_STORED:
        return packed if len(packed) == member.size else None
    if member.method != zipfile.ZIP_DEFLATED:
        return None
    inflater = zlib.decompressobj(-15)
    try:
        contents = inflater.decompress(packed, member.size + 1)  # never more than the directory promises
    except zlib.error:
        return None
    return contents if len(contents) == member.size else None


def open_zip(path: str, limit: FileLimit, rule: NameRule) -> ZipStore:
    """List the files in the class folders of a .zip; see `find_class_folders`.

    Raises:
        UsageError: The .zip is corrupt, or contains unsafe paths or two files of one name.
        SchemaError: It has no class folders, or in several folders.
    """
    found: dict[str, dict[str, _Member]] = {}
    for entry in _list_entries(path):
        *parents, name = [part for part in entry.name.split("/") if part not in ("", ".")]
        if all(map(is_visible, (*parents, name))):
            folder = found.setdefault("/".join(parents), {})
            if name in folder:
                what = "the archive contains two files of this name"
                raise UsageError(what, path=f"{path}/{entry.name}", hint="build the archive again")
            folder[name] = entry
    tree = FileTree({folder: list(files) for folder, files in found.items()})
    chosen = find_class_folders(path, tree, rule)
    files = FileList.from_folders(path, chosen.folders, chosen.depth)
    members = [found[folder][name] for folder in files.folders for name in chosen.folders[folder]]
    return ZipStore(files, limit, members)


def _list_entries(path: str) -> list[_Member]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise UsageError(f"corrupt .zip ({error})", path=path, hint="download it again") from error
    members: list[_Member] = []
    for entry in entries:
        name = entry.filename
        if name.startswith("/") or "\\" in name or ".." in name.split("/"):
            what = f"the archive contains the unsafe path {name!r}"
            raise UsageError(what, path=path, hint="build the archive again")
        if not name.endswith("/"):
            raw = entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF8 else "cp437")
            place = (
                entry.header_offset,
                entry.compress_size,
                entry.file_size,
                entry.CRC,
                entry.compress_type,
            )
            members.append(_Member(name, raw, *place))
    return members
