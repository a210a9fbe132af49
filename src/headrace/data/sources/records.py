"""TFRecord files of Examples or SequenceExamples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from headrace import records
from headrace.data.fingerprint import file_fingerprint
from headrace.records.reading import find_schema
from headrace.records.schema import RecordSchema, arrow_schema
from headrace.records.tfrecord import OnCorrupt, Paths, check_on_corrupt, resolve

__all__ = ["RecordSource"]


@dataclass(frozen=True)
class RecordSource:
    """TFRecord files of Examples or SequenceExamples of one schema, read one after the other.

    Attributes:
        files: The files, in the order of reading.
        given: The schema to read by; None takes the schema file beside them, else infers one.
        on_corrupt: What becomes of damaged records; see `records.read`.
    """

    files: tuple[str, ...]
    given: RecordSchema | None = None
    on_corrupt: OnCorrupt = "raise"

    @classmethod
    def of(
        cls, paths: Paths, schema: RecordSchema | None = None, on_corrupt: OnCorrupt = "raise"
    ) -> RecordSource:
        """A source of the files of `paths`: a path, a glob, a base name, or several.

        Raises:
            UsageError: There is no such file.
        """
        check_on_corrupt(on_corrupt)
        return cls(tuple(resolve(paths)), schema, on_corrupt)

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns and their types.

        Raises:
            SchemaError: Schema files that differ, or none and nothing to infer from.
            RecordError: A damaged file, met while inferring.
        """
        return arrow_schema(self._schema)

    @property
    def num_rows(self) -> int | None:
        """Counted once, by reading all files without parsing the Examples; unknown where some may be lost.

        Raises:
            RecordError: A damaged file.
        """
        return self._count if self.on_corrupt == "raise" else None

    def read(self) -> Iterator[pa.RecordBatch]:
        """The files' records, 4,096 a batch, in order.

        Raises:
            RecordError: A damaged file, or a record that does not fit the schema.
        """
        return records.read(self.files, self._schema, on_corrupt=self.on_corrupt)

    def divide(self) -> list[RecordSource]:
        """A source for each file, of the schema of all."""
        return [RecordSource((file,), self._schema, self.on_corrupt) for file in self.files]

    @property
    def fingerprint(self) -> str:
        """By the path, size and time of change of the first file, and how it is read."""
        return file_fingerprint(self.files[0], self._schema, "records", self.on_corrupt)

    @cached_property
    def _schema(self) -> RecordSchema:
        return (
            self.given
            if self.given is not None
            else find_schema(list(self.files), on_corrupt=self.on_corrupt)
        )

    @cached_property
    def _count(self) -> int:
        return records.count(self.files)
