"""Cache the input in a file on disk."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from headrace.cached_property import cached_property
from headrace.columns import empty_batch
from headrace.data.pipeline import InputRows, Source, Stage
from headrace.data.plan import RowReader
from headrace.data.sinks.arrow import ArrowWriter
from headrace.data.sinks.shards import Stream
from headrace.data.sources.arrow import ArrowReader
from headrace.data.sources.tables.ipc_rows import open_ipc_rows
from headrace.data.sources.tables.local_file import open_file
from headrace.errors import UsageError
from headrace.source_line import warn_user
from headrace.storage import AtomicFile
from headrace.tables import simplify_table

__all__ = ["CacheFile"]

_KEY = b"headrace.cache"  # in the metadata of the schema; the value is a version and a digest
_VERSION = "1"


@dataclass(frozen=True)
class CacheFile(Stage):
    """Write the batches of the first complete pass to an Arrow IPC file, and read the file from then on.

    It may be larger than the memory, and its rows are read by number; see `IpcRows`.
    It is used again, in other processes too, as long as the source's files, the stages and what their
    functions refer to are the same; otherwise it is written anew. The input is always read in its epoch 0. A
    pass that stops early writes nothing; a shuffle after the cache fills it before the first batch.

    Attributes:
        path: The file, local.
    """

    path: str

    @property
    def spec(self) -> str:
        """`cache()`, wherever the file lies."""
        return "cache()"

    def to_source(self, rows: InputRows, later: Sequence[Stage]) -> Source:
        """Return the cached rows as a source."""
        return _FileRows(self.path, rows, any(stage.reorders for stage in later))


@dataclass(frozen=True)
class _FileRows:
    """The rows of a stream, kept in a file after the first pass."""

    path: str
    rows: InputRows
    is_shuffled: bool

    @cached_property
    def schema(self) -> pa.Schema:
        """The schema of the stream."""
        return self.rows.find_schema()

    @property
    def num_rows(self) -> int | None:
        """The number of rows if they are cached."""
        reader = self._open()
        return None if reader is None else reader.num_rows

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read the cached batches, or the stream, whose batches are in the file when it ends."""
        reader = self._open()
        if reader is not None:
            yield from reader.scan(0)
            return
        schema = self.schema.with_metadata({**(self.schema.metadata or {}), _KEY: self._value})
        with AtomicFile(self.path, sync=False) as file:
            sink = Stream(file)
            try:
                with closing(self.rows.stream(0)) as steps:
                    writer = ArrowWriter(sink, schema)
                    for step in steps:
                        writer.write(step.batch.replace_schema_metadata(schema.metadata))
                        yield step.batch
                    writer.close()
            except BaseException:
                sink.abandon()
                raise

    def open_rows(self) -> RowReader | None:
        """Fill the cache if it is to be shuffled; else None, even if it is filled already."""
        if not self.is_shuffled:
            return None
        reader = self._open()
        if reader is None:
            for _ in self.read():
                pass
            reader = self._open()
        return reader

    @cached_property
    def _value(self) -> bytes:
        """The version and the digest of the rows; no digest if they cannot be identified."""
        key = self.rows.find_cache_key()
        if key is None:
            warn_user(
                "each pass writes the cache anew, as the rows may change unnoticed: "
                "a function refers to what cannot be identified",
                RuntimeWarning,
            )
        return f"{_VERSION} {key or ''}".encode()

    def _open(self) -> RowReader | None:
        """Open the file if it holds these rows."""
        if self._value == f"{_VERSION} ".encode() or not Path(self.path).exists():
            return None
        if Path(self.path).is_dir():
            raise UsageError("a folder has this name", path=self.path, hint="name another file")
        try:
            with open_file(self.path) as file, pa.ipc.open_file(file) as stored:
                if (stored.schema.metadata or {}).get(_KEY) != self._value:
                    return None
                schema = _remove_key(stored.schema)
                if not _is_simple(schema):
                    return ArrowReader(stored.read_all().replace_schema_metadata(schema.metadata))
        except (pa.ArrowInvalid, OSError) as error:
            raise UsageError(
                f"not a cache file ({error})", path=self.path, hint="delete it, or name another file"
            ) from error
        return open_ipc_rows([self.path], schema, batch_rows=sys.maxsize)


def _remove_key(schema: pa.Schema) -> pa.Schema:
    metadata = {key: value for key, value in schema.metadata.items() if key != _KEY}
    return schema.with_metadata(metadata or None)


def _is_simple(schema: pa.Schema) -> bool:
    """Return whether rows of all types can be read by number: no views, which functions may have made."""
    return simplify_table(pa.Table.from_batches([empty_batch(schema)]), is_foreign=False).schema == schema
