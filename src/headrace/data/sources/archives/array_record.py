"""Read ArrayRecord files of Examples, SequenceExamples or bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from headrace.cached_property import cached_property
from headrace.data.fingerprint import files_cache_key, files_fingerprint
from headrace.data.sources.archives.array_record_rows import RECORD, ArrayRecordRows, read_batches
from headrace.data.sources.files.select_columns import as_tuple
from headrace.data.sources.files.select_features import select_features
from headrace.data.sources.find_files import find_files
from headrace.errors import UsageError
from headrace.records.array_record import ArrayRecordFile
from headrace.records.schema import RecordSchema, arrow_schema
from headrace.storage import Paths, local_path

__all__ = ["ArrayRecordSource"]


@dataclass(frozen=True)
class ArrayRecordSource:
    """ArrayRecord files, as grain and TensorFlow Datasets use them.

    With a schema, records are parsed as Examples, or SequenceExamples by a `SequenceSchema`; without one, the
    only column is `record`, their bytes. Chunks may be compressed by Brotli, Zstandard or Snappy; transposed
    chunks are not supported. All checksums are verified. Records of local files are read by number; where
    chunks of records are larger than 64 KiB, by chunks.

    Attributes:
        files: The files, in reading order.
        declared: The schema to parse by; None reads bytes.
        columns: The features to read; None is all.
    """

    files: tuple[str, ...]
    declared: RecordSchema | None = None
    columns: tuple[str, ...] | None = None

    @classmethod
    def from_paths(
        cls, paths: Paths, schema: RecordSchema | None = None, columns: Sequence[str] | None = None
    ) -> ArrayRecordSource:
        """Create a source from files.

        Raises:
            UsageError: A file does not exist, or columns are named without a schema.
        """
        if schema is None and columns is not None:
            hint = "pass `schema`, whose features can be chosen"
            raise UsageError("ArrayRecord files do not say what columns they have", hint=hint)
        return cls(find_files(paths, r"\.array_?records?"), schema, as_tuple(columns))

    @property
    def schema(self) -> pa.Schema:
        """The columns of the schema, or `record: binary`."""
        return RECORD if self._schema is None else arrow_schema(self._schema)

    @property
    def num_rows(self) -> int:
        """The number of records, from the footers.

        Raises:
            RecordError: A file is truncated, corrupt, or not an ArrayRecord file.
        """
        return self._count

    @cached_property
    def _count(self) -> int:
        total = 0
        for path in self.files:
            with ArrayRecordFile(path) as file:
                total += file.num_rows
        return total

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read the records in order, in batches of 4,096 or 16 MiB.

        Raises:
            RecordError: A file is corrupt, or a record does not match the schema.
        """
        return read_batches(self.files, self._schema)

    def open_rows(self) -> ArrayRecordRows | None:
        """Open the records by number; None if a file is at a URL."""
        return self._rows

    @cached_property
    def _rows(self) -> ArrayRecordRows | None:
        if any(local_path(file) is None for file in self.files):
            return None
        return ArrayRecordRows(self.files, self._schema)

    def select_columns(self, columns: Sequence[str]) -> ArrayRecordSource:
        """Return a source of these columns; see `Selectable`."""
        return self if self.declared is None else replace(self, columns=tuple(columns))

    def divide(self) -> list[ArrayRecordSource]:
        """Divide into one source per file."""
        return [ArrayRecordSource((file,), self.declared, self.columns) for file in self.files]

    @property
    def fingerprint(self) -> str:
        """A digest of the contents of all files, wherever they lie; see `files_fingerprint`."""
        return files_fingerprint(self.files, "array_record", schema=self._schema)

    @property
    def cache_key(self) -> str:
        """A digest that changes whenever the files may have changed; see `files_cache_key`."""
        return files_cache_key(self.files, "array_record", schema=self._schema)

    @cached_property
    def _schema(self) -> RecordSchema | None:
        return None if self.declared is None else select_features(self.declared, self.columns, self.files[0])
