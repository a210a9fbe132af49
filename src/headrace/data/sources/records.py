"""Read TFRecord files of Examples or SequenceExamples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from headrace import records
from headrace.cached_property import cached_property
from headrace.data.fingerprint import files_cache_key, files_fingerprint
from headrace.data.sources.files.select_columns import as_tuple
from headrace.data.sources.files.select_features import select_features
from headrace.data.sources.memory.kept_rows import KeptRows
from headrace.records.reading import RecordIndex, RecordRows, find_schema, read_after
from headrace.records.schema import RecordSchema, arrow_schema
from headrace.records.tfrecord import OnCorrupt, check_on_corrupt, resolve
from headrace.storage import Paths

__all__ = ["RecordSource"]

_BATCH_ROWS = 4096  # at most


@dataclass(frozen=True)
class RecordSource:
    """TFRecord files of Examples or SequenceExamples of one schema.

    Attributes:
        files: The files, in reading order.
        declared: The schema to read by; None uses the schema file next to the files, or infers a schema.
        on_corrupt: How to handle corrupt records; see `records.read`.
        columns: The features to read; None is all.
    """

    files: tuple[str, ...]
    declared: RecordSchema | None = None
    on_corrupt: OnCorrupt = "raise"
    columns: tuple[str, ...] | None = None

    @classmethod
    def from_paths(
        cls,
        paths: Paths,
        schema: RecordSchema | None = None,
        on_corrupt: OnCorrupt = "raise",
        columns: Sequence[str] | None = None,
    ) -> RecordSource:
        """Create a source from files: a path, a glob, the base name of shards, or several of these.

        Raises:
            UsageError: A file does not exist.
        """
        check_on_corrupt(on_corrupt)
        files = tuple(resolve(paths, check_sizes=on_corrupt == "raise"))
        return cls(files, schema, on_corrupt, as_tuple(columns))

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns and their types.

        Raises:
            SchemaError: Schema files differ, or there is neither a schema file nor a record.
            RecordError: A corrupt file, found while inferring the schema.
        """
        return arrow_schema(self._schema)

    @property
    def num_rows(self) -> int | None:
        """The number of records, counted once by their headers; None if corrupt records are dropped.

        Raises:
            RecordError: A file is truncated, or the header of a record is corrupt.
        """
        return self._count if self.on_corrupt == "raise" else None

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read the records in order, 4,096 per batch.

        Raises:
            RecordError: A corrupt file, or a record that does not match the schema.
        """
        return records.read(self.files, self._schema, _BATCH_ROWS, on_corrupt=self.on_corrupt)

    def read_after(self, rows: int) -> Iterator[pa.RecordBatch] | None:
        """Read the records after the first `rows`, which are not parsed; see `Skippable`.

        None if corrupt records are dropped.
        """
        if self.on_corrupt != "raise":
            return None
        return read_after(self.files, self._schema, _BATCH_ROWS, rows)

    def open_rows(self) -> KeptRows | None:
        """Return a reader of the records by number; None for compressed or remote files, or lossy reading.

        Records of at most 64 MB are parsed once, and kept in memory, as soon as a quarter of them is taken.

        Raises:
            SchemaError: Schema files differ, or an index file does not match its record file.
            RecordError: A file is truncated, or the header of a record is corrupt.
        """
        return self._rows

    def select_columns(self, columns: Sequence[str]) -> RecordSource:
        """Return a source of these columns, without inferring their types again; see `Selectable`."""
        source = RecordSource(self.files, self._schema, self.on_corrupt, tuple(columns))
        if "_index" in vars(self):
            vars(source)["_index"] = self._index
        return source

    def divide(self) -> list[RecordSource]:
        """Divide into one source per file, all with the schema of the whole."""
        return [RecordSource((file,), self._schema, self.on_corrupt) for file in self.files]

    @property
    def fingerprint(self) -> str:
        """A digest of the contents of all files, wherever they lie; see `files_fingerprint`."""
        how = ("records", self.on_corrupt, *(self.columns or ()))
        return files_fingerprint(self.files, *how, schema=self.declared)

    @property
    def cache_key(self) -> str:
        """A digest that changes whenever the files may have changed; see `files_cache_key`."""
        return files_cache_key(self.files, "records", self.on_corrupt, schema=self._schema)

    @cached_property
    def _schema(self) -> RecordSchema:
        schema = self.declared
        if schema is None:
            schema = find_schema(list(self.files), on_corrupt=self.on_corrupt)
        return select_features(schema, self.columns, self.files[0])

    @cached_property
    def _index(self) -> RecordIndex | None:
        return RecordIndex.build(self.files) if self.on_corrupt == "raise" else None

    @cached_property
    def _rows(self) -> KeptRows | None:
        return None if self._index is None else KeptRows(RecordRows(self._index, self._schema))

    @cached_property
    def _count(self) -> int:
        return records.count(self.files) if self._index is None else self._index.table.num_rows
