"""One stream of batches dealt out to several files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from io import RawIOBase
from pathlib import PurePath
from typing import Any, Protocol

import pyarrow as pa

from headrace.errors import UsageError
from headrace.storage.atomic import AtomicFile, atomic_files

__all__ = ["BatchWriter", "OpenWriter", "shard_names", "write_shards"]


class BatchWriter(Protocol):
    """Writes batches to a file that is open."""

    def write(self, batch: pa.RecordBatch) -> object:
        """Appends the batch's rows."""
        ...

    def close(self) -> object:
        """Writes what the format has at its end."""
        ...


OpenWriter = Callable[["Stream", pa.Schema], BatchWriter]


class Stream(RawIOBase):
    """An `AtomicFile` as Arrow wants files to be."""

    def __init__(self, file: AtomicFile) -> None:
        super().__init__()
        self._file = file
        self._position = 0
        self._is_wanted = True

    def writable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """How many bytes were written."""
        return self._position

    def abandon(self) -> None:
        """From now on nothing is written: Arrow's writers end their files even when they are dropped."""
        self._is_wanted = False

    def write(self, data: Any, /) -> int:
        """Appends bytes."""
        size = memoryview(data).nbytes
        if self._is_wanted:
            self._file.write(data)
        self._position += size
        return size


def shard_names(path: str | os.PathLike[str], shards: int) -> list[str]:
    """The files' names: `path` itself for one, `base-00000-of-00008.csv.gz` ... for `base.csv.gz`.

    >>> shard_names("out/rows.csv", 2)
    ['out/rows-00000-of-00002.csv', 'out/rows-00001-of-00002.csv']
    """
    if shards < 1:
        raise UsageError("shards cannot be below 1", hint="give a number from 1")
    path = os.fspath(path)
    if shards == 1:
        return [path]
    name = PurePath(path).name
    stem, dot, suffix = name.partition(".")
    folder = path[: len(path) - len(name)]
    return [f"{folder}{stem}-{index:05d}-of-{shards:05d}{dot}{suffix}" for index in range(shards)]


def write_shards(
    open_writer: OpenWriter,
    path: str | os.PathLike[str],
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    shards: int,
    compression: str | None = None,
) -> list[str]:
    """Row r of the stream goes to shard r mod `shards`; the names are `shard_names`'.

    Raises:
        UsageError: No place to write to.
    """
    names = shard_names(path, shards)
    with atomic_files(names, compression) as files:
        streams = [Stream(file) for file in files]
        try:
            _deal_out([open_writer(stream, schema) for stream in streams], batches)
        except BaseException:
            for stream in streams:
                stream.abandon()
            raise
    return names


def _deal_out(writers: list[BatchWriter], batches: Iterable[pa.RecordBatch]) -> None:
    rows, shards = 0, len(writers)
    for batch in batches:
        for index, writer in enumerate(writers):
            _write(writer, batch, (index - rows) % shards, shards)
        rows += batch.num_rows
    for writer in writers:
        writer.close()


def _write(writer: BatchWriter, batch: pa.RecordBatch, first: int, step: int) -> None:
    part = batch if step == 1 else batch.take(pa.array(range(first, batch.num_rows, step), pa.int64()))
    if part.num_rows:
        writer.write(part)
