"""Read TFRecord files of Examples or SequenceExamples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from headrace import records
from headrace.data.fingerprint import file_fingerprint
from headrace.records.reading import find_schema
from headrace.records.schema import RecordSchema, arrow_schema
from headrace.records.tfrecord import OnCorrupt, check_on_corrupt, resolve
from headrace.storage import Paths

__all__ = ["RecordSource"]


@dataclass(frozen=True)
class RecordSource:
    """TFRecord files of Examples or SequenceExamples of one schema.

    Attributes:
        files: The files, in reading order.
        declared: The schema to read by; None uses the schema file next to the files, or infers a schema.
        on_corrupt: How to handle corrupt records; see `records.read`.
    """

    files: tuple[str, ...]
    declared: RecordSchema | None = None
    on_corrupt: OnCorrupt = "raise"

    @classmethod
    def from_paths(
        cls, paths: Paths, schema: RecordSchema | None = None, on_corrupt: OnCorrupt = "raise"
    ) -> RecordSource:
        """Create a source from files: a path, a glob, the base name of shards, or several of these.

        Raises:
            UsageError: A file does not exist.
        """
        check_on_corrupt(on_corrupt)
        return cls(tuple(resolve(paths, check_sizes=on_corrupt == "raise")), schema, on_corrupt)

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
        """The number of records, counted once without parsing them; None if corrupt records are dropped.

        Raises:
            RecordError: A corrupt file.
        """
        return self._count if self.on_corrupt == "raise" else None

    def read(self) -> Iterator[pa.RecordBatch]:
        """Read the records in order, 4,096 per batch.

        Raises:
            RecordError: A corrupt file, or a record that does not match the schema.
        """
        return records.read(self.files, self._schema, on_corrupt=self.on_corrupt)

    def divide(self) -> list[RecordSource]:
        """Divide into one source per file, all with the schema of the whole."""
        return [RecordSource((file,), self._schema, self.on_corrupt) for file in self.files]

    @property
    def fingerprint(self) -> str:
        """A digest of the path, size and modification time of the first file, and of how it is read."""
        return file_fingerprint(self.files[0], self._schema, "records", self.on_corrupt)

    @cached_property
    def _schema(self) -> RecordSchema:
        if self.declared is not None:
            return self.declared
        return find_schema(list(self.files), on_corrupt=self.on_corrupt)

    @cached_property
    def _count(self) -> int:
        return records.count(self.files)
