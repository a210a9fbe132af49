"""The manifest of a set of files: their names, sizes and checksums.

    {"format": 1, "files": {
      "train-00000-of-00002.tfrecord": {"bytes": 1016, "records": 12, "records_crc32c": "5d3a09c4"},
      "train-00001-of-00002.tfrecord": {"bytes": 1016, "records": 12, "records_crc32c": "e8b1772f"},
      "train.schema.json": {"bytes": 87, "crc32c": "0b1d7f33"}}}

Names are relative to the manifest's folder. `crc32c` is the CRC-32C of all bytes. Each record of a
record file has a checksum of its own, so `records_crc32c` is only the CRC-32C of these checksums as
they are stored, in order; it does not depend on compression. Manifests of earlier versions have no
checksum for record files. The manifest gets its name after all files have theirs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

from headrace.errors import RecordError, UsageError
from headrace.storage.checksum import RecordsChecksum, file_checksum
from headrace.storage.filesystem import file_exists, file_size, local_path, read_bytes

__all__ = ["FileEntry", "Manifest"]

_FORMAT = 1
_CHANGED_HINT = "write the set again, or delete the manifest to read the files as they are"


class FileEntry(NamedTuple):
    """What a manifest says of a file.

    Attributes:
        size: In bytes.
        crc32c: The CRC-32C of all bytes; None for files whose records have checksums.
        records: The checksum of the records; None for other files, and in manifests of earlier versions.
    """

    size: int
    crc32c: int | None = None
    records: RecordsChecksum | None = None


@dataclass(frozen=True)
class Manifest:
    """The files of a set.

    Attributes:
        files: Size and checksum by name, relative to the manifest's folder, with `/`.
    """

    files: Mapping[str, FileEntry]

    def to_json(self) -> dict[str, Any]:
        """Convert to the JSON object that a manifest file holds."""
        return {"format": _FORMAT, "files": {name: _entry_json(entry) for name, entry in self.files.items()}}

    @property
    def text(self) -> str:
        """The content of a manifest file."""
        lines = [
            f"  {json.dumps(name, ensure_ascii=False)}: {json.dumps(entry)}"
            for name, entry in self.to_json()["files"].items()
        ]
        return f'{{"format": {_FORMAT}, "files": {{\n' + ",\n".join(lines) + "}}\n"

    @classmethod
    def from_json(cls, stored: Any) -> Self:
        """Convert from the JSON object that a manifest file holds.

        Raises:
            LookupError: It is not a manifest.
            TypeError: It is not a manifest.
            ValueError: It is not a manifest, or one of another format.
        """
        if stored["format"] != _FORMAT:
            raise ValueError(f"format {stored['format']!r}, expected {_FORMAT}")
        entries = stored["files"].items()
        return cls({name: _entry(of) for name, of in entries})

    @classmethod
    def read(cls, path: str) -> Self | None:
        """Read a manifest file or URL; None if it does not exist.

        Raises:
            UsageError: The file cannot be read, or is not a manifest.
        """
        if not file_exists(path):
            return None
        try:
            return cls.from_json(json.loads(read_bytes(path).decode()))
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            what = f"not a manifest ({type(error).__name__}: {error})"
            raise UsageError(what, path=path, hint=_CHANGED_HINT) from error

    def check_sizes(self, folder: str, names: Iterable[str] | None = None) -> None:
        """Check that files exist and have the sizes that the manifest names.

        Args:
            folder: The manifest's folder or URL, with the `/` at its end; empty for the current folder.
            names: The files to check; None: all. Names that the manifest lacks are ignored.

        Raises:
            UsageError: A file is missing.
            RecordError: A file has another size.
        """
        for name in self.files if names is None else names:
            entry = self.files.get(name)
            if entry is not None:
                _check_size(folder + name, entry)

    def check_checksum(self, folder: str, name: str) -> None:
        """Check a local file's bytes against its checksum in the manifest, if it has one.

        Raises:
            RecordError: The checksum differs.
            OSError: The file cannot be read.
        """
        entry, local = self.files.get(name), local_path(folder + name)
        if entry is None or entry.crc32c is None or local is None:
            return
        found = file_checksum(os.fspath(local)).value
        if found != entry.crc32c:
            what = f"checksum {found:08x} does not match the manifest, expected {entry.crc32c:08x}"
            raise RecordError(what, path=folder + name, hint=_CHANGED_HINT)

    def check_records(self, folder: str, name: str, found: RecordsChecksum) -> None:
        """Compare the checksum of a file's records with that in the manifest, if it has one.

        Raises:
            RecordError: The number of records or their checksum differs.
        """
        entry = self.files.get(name)
        if entry is not None and entry.records is not None and entry.records != found:
            what = "holds other records than the set's manifest says"
            raise RecordError(what, path=folder + name, hint=_CHANGED_HINT)


def _entry_json(entry: FileEntry) -> dict[str, int | str]:
    stored: dict[str, int | str] = {"bytes": entry.size}
    if entry.crc32c is not None:
        stored["crc32c"] = f"{entry.crc32c:08x}"
    if entry.records is not None:
        stored |= {"records": entry.records.records, "records_crc32c": f"{entry.records.crc32c:08x}"}
    return stored


def _entry(stored: Mapping[str, Any]) -> FileEntry:
    crc, records = stored.get("crc32c"), stored.get("records")
    return FileEntry(
        int(stored["bytes"]),
        None if crc is None else int(crc, 16),
        None if records is None else RecordsChecksum(int(records), int(stored["records_crc32c"], 16)),
    )


def _check_size(path: str, entry: FileEntry) -> None:
    local = local_path(path)
    try:
        size = file_size(path) if local is None else Path(local).stat().st_size
    except (OSError, UsageError) as error:
        raise UsageError(
            "is missing, but the set's manifest names it",
            path=path,
            hint="restore the file, or write the set again",
        ) from error
    if size is not None and size != entry.size:
        what = f"is {size:,} bytes long, the set's manifest says {entry.size:,}"
        raise RecordError(what, path=path, hint=_CHANGED_HINT)
