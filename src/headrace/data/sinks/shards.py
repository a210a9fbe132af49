"""Write one stream of batches to several files, round-robin."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import partial
from io import RawIOBase
from pathlib import PurePath
from typing import Any, Protocol

import pyarrow as pa

from headrace.columns import check_text
from headrace.data.shard_names import shard_names
from headrace.storage import AtomicFile, FileSet, Shard

__all__ = ["BatchWriter", "OpenWriter", "Stream", "open_shard_set", "write_shards", "write_text_shards"]


class BatchWriter(Protocol):
    """Encodes batches into an open file."""

    def write(self, batch: pa.RecordBatch) -> object:
        """Append the rows of a batch."""
        ...

    def close(self) -> object:
        """Write the end of the file, such as a footer."""
        ...


OpenWriter = Callable[[Any, pa.Schema], BatchWriter]

_CODECS = {".bz2": "bz2", ".zst": "zstd"}


class Stream(RawIOBase):
    """An `AtomicFile` with the file interface that Arrow's writers expect."""

    def __init__(self, file: AtomicFile) -> None:
        super().__init__()
        self._file = file
        self._position = 0
        self._is_open = True

    def writable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the number of bytes written."""
        return self._position

    def abandon(self) -> None:
        """Discard all further bytes: Arrow's writers write a footer even when they are garbage-collected."""
        self._is_open = False

    def write(self, data: Any, /) -> int:
        """Append bytes."""
        size = memoryview(data).nbytes
        if self._is_open:
            self._file.write(data)
        self._position += size
        return size


def write_shards(
    open_writer: OpenWriter,
    path: str | os.PathLike[str],
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    shards: int,
    compression: str | None = None,
) -> list[str]:
    """Write row r of the stream to shard r mod `shards`; `shard_names` gives the paths.

    Raises:
        UsageError: The path cannot be written to.
        SchemaError: A string is not UTF-8.
    """
    names = shard_names(path, shards)
    if shards == 1:
        with AtomicFile(path, compression) as file:
            _write_files(open_writer, [file], batches, schema)
    else:
        with open_shard_set(names[0]) as files:
            _write_files(open_writer, [files.open(name, compression) for name in names], batches, schema)
    return names


class _CompressedWriter:
    """Writes to a stream that Arrow compresses."""

    def __init__(self, open_writer: OpenWriter, codec: str, stream: Any, schema: pa.Schema) -> None:
        self._compressed = pa.CompressedOutputStream(pa.PythonFile(stream, "w"), codec)
        self._writer = open_writer(self._compressed, schema)

    def write(self, batch: pa.RecordBatch) -> None:
        self._writer.write(batch)

    def close(self) -> None:
        self._writer.close()
        self._compressed.close()


def write_text_shards(
    open_writer: OpenWriter,
    path: str | os.PathLike[str],
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    shards: int,
) -> list[str]:
    """Write shards of text as `write_shards` does, compressed if the path ends in .gz, .bz2 or .zst.

    Raises:
        UsageError: The path cannot be written to.
    """
    name = os.fspath(path)
    codec = next((codec for end, codec in _CODECS.items() if name.endswith(end)), None)
    if codec is not None:
        open_writer = partial(_CompressedWriter, open_writer, codec)
    compression = "gzip" if name.endswith(".gz") else None
    return write_shards(open_writer, path, batches, schema, shards, compression)


def open_shard_set(path: str) -> FileSet:
    """Open the set that a shard belongs to, which replaces an earlier set of its base and extension.

    Raises:
        UsageError: The folder cannot be written to.
    """
    first = Shard.parse(path)
    assert first is not None
    base = PurePath(first.base).name

    def is_shard(name: str) -> bool:
        shard = Shard.parse(name)
        return shard is not None and (shard.base, shard.suffix) == (base, first.suffix)

    return FileSet(first.manifest, owns=is_shard, replaces=is_shard)


def _write_files(
    open_writer: OpenWriter, files: list[AtomicFile], batches: Iterable[pa.RecordBatch], schema: pa.Schema
) -> None:
    streams = [Stream(file) for file in files]
    try:
        _write_round_robin([open_writer(stream, schema) for stream in streams], batches)
    except BaseException:
        for stream in streams:
            stream.abandon()
        raise


def _write_round_robin(writers: list[BatchWriter], batches: Iterable[pa.RecordBatch]) -> None:
    rows, shards = 0, len(writers)
    for batch in batches:
        check_text(batch, first_row=rows)
        for index, writer in enumerate(writers):
            _write_every(writer, batch, (index - rows) % shards, shards)
        rows += batch.num_rows
    for writer in writers:
        writer.close()


def _write_every(writer: BatchWriter, batch: pa.RecordBatch, first: int, step: int) -> None:
    part = batch if step == 1 else batch.take(pa.array(range(first, batch.num_rows, step), pa.int64()))
    if part.num_rows:
        writer.write(part)
