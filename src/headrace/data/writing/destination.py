"""The files that a dataset is written to: their names, their format, and the set that they form."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import PurePath

import pyarrow as pa

from headrace import records
from headrace.arguments import check_integer, show_value
from headrace.data import sinks
from headrace.data.shard_names import shard_names
from headrace.errors import UsageError
from headrace.records.tfrecord import manifest_path, open_record_set, schema_path, shard_paths
from headrace.storage import (
    COMPRESSION_SUFFIXES,
    MOST_SHARDS,
    FileEntry,
    FileSet,
    Manifest,
    Shard,
    check_base_name,
    check_compression,
    directory_exists,
    expand_home,
    file_checksum,
    file_size,
    local_path,
)

__all__ = ["SHARD_FORMATS", "Destination"]

_SUFFIXES = {"parquet": ".parquet", "arrow": ".arrow", "csv": ".csv", "jsonl": ".jsonl"}
SHARD_FORMATS = ("tfrecord", *_SUFFIXES)


@dataclass(frozen=True)
class Destination:
    """The shards that rows are written to.

    Attributes:
        base: The folder and base name, local or a URL, with or without the extension of the format. With one
            shard and an extension, it is the name of the file.
        format: One of `SHARD_FORMATS`.
        shards: The number of files.
        compression: For record files: None, "gzip" or "zlib".
    """

    base: str
    format: str
    shards: int = 1
    compression: str | None = None

    @classmethod
    def create(
        cls,
        base: str | os.PathLike[str],
        format_: str | None = None,
        shards: int = 1,
        compression: str | None = None,
    ) -> Destination:
        """Create a destination; without a format, that of the extension, or else TFRecord.

        Raises:
            UsageError: Unknown format, extension or compression, or less than one shard.
        """
        path, shards = expand_home(base), check_integer(shards, "shards", 1, MOST_SHARDS)
        suffixes = [".tfrecord"]
        if format_ is None:
            by_name = [name for name, suffix in _SUFFIXES.items() if path.endswith(suffix)]
            format_ = by_name[0] if by_name else "tfrecord"
            suffixes = [".tfrecord", *_SUFFIXES.values()]
        if format_ not in SHARD_FORMATS:
            hint = f"choose one of {', '.join(SHARD_FORMATS)}"
            raise UsageError(f"unknown format {show_value(format_)}", path=path, hint=hint)
        check_compression(compression)
        if compression is not None and format_ != "tfrecord":
            what = f"compression {compression!r} applies to TFRecord only"
            raise UsageError(what, path=path, hint="leave it out")
        if format_ == "tfrecord":
            compression = shard_paths(path, shards, compression, suffixes)[1]
        elif not path.endswith(suffix := _SUFFIXES[format_]):
            check_base_name(path, [suffix])
        return cls(path, format_, shards, compression)

    @property
    def suffix(self) -> str:
        """The extension of the files."""
        is_record = self.format == "tfrecord"
        return f".tfrecord{COMPRESSION_SUFFIXES[self.compression]}" if is_record else _SUFFIXES[self.format]

    @property
    def paths(self) -> list[str]:
        """The names of the files."""
        if self.format == "tfrecord":
            return shard_paths(self.base, self.shards, self.compression)[0]
        if self.base.endswith(self.suffix):
            return shard_names(self.base, self.shards)
        return [Shard(self.base, index, self.shards, self.suffix).path for index in range(self.shards)]

    @property
    def work_folder(self) -> str:
        """Where finished shards wait for the others: a hidden folder next to the files."""
        name = PurePath(self.base).name
        return f"{self.base[: len(self.base) - len(name)]}.{name}.unfinished"

    def staged_path(self, shard: int) -> str:
        """Return the path of a finished shard in the work folder."""
        return f"{self.work_folder}/{shard:05d}{self.suffix}"

    def refuse_folders(self) -> None:
        """Raise before any work if a folder has the name of a file.

        Raises:
            UsageError: A folder has the name of a file.
        """
        for path in self.paths:
            if local_path(path) is not None and directory_exists(path):
                raise UsageError("a folder has this name", path=path, hint="choose another name")

    def write_shard(self, shard: int, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> FileEntry:
        """Write a shard into the work folder; return its size and checksum.

        Raises:
            UsageError: The file cannot be written.
            SchemaError: A value that the format cannot hold.
        """
        path = self.staged_path(shard)
        if self.format == "tfrecord":
            records.write(path, batches, schema=schema)
            manifest = Manifest.read(manifest_path(path))
            assert manifest is not None
            return manifest.files[PurePath(path).name]
        _find_writer(self.format)(path, batches, schema)
        is_local = local_path(path) is not None  # a file at a URL is digested while it is copied
        return FileEntry(file_size(path) or 0, file_checksum(path).value if is_local else None)

    def open_set(self) -> AbstractContextManager[FileSet] | None:
        """Open the set of the files with their final names; None for a single file that forms no set.

        Raises:
            UsageError: The folder cannot be written to.
        """
        first = self.paths[0]
        if self.format == "tfrecord":
            return open_record_set(first)
        return None if Shard.parse(first) is None else sinks.open_shard_set(first)

    @property
    def companions(self) -> dict[str, str]:
        """Files that belong to the set: the final path by the path in the work folder."""
        if self.format != "tfrecord":
            return {}
        return {schema_path(self.staged_path(0)): schema_path(self.paths[0])}


def _find_writer(format_: str) -> Callable[[str, Iterable[pa.RecordBatch], pa.Schema], list[str]]:
    """Return the function that writes a file of a format; its module is loaded now."""
    match format_:
        case "parquet":
            return sinks.write_parquet
        case "arrow":
            return sinks.write_arrow
        case "csv":
            return sinks.write_csv
        case _:
            return sinks.write_json_lines
