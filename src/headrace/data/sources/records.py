"""TFRecord files of Examples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from headrace import records
from headrace.records.read import find_schema
from headrace.records.sharding import Paths, resolve

__all__ = ["RecordSource"]


@dataclass(frozen=True)
class RecordSource:
    """TFRecord files of Examples of one schema, read in the order of their names.

    Attributes:
        files: The files.
        given: The schema to read by; None takes the schema file beside them, else infers one.
    """

    files: tuple[str, ...]
    given: pa.Schema | None = None

    @classmethod
    def of(cls, paths: Paths, schema: pa.Schema | None = None) -> RecordSource:
        """A source of the files of `paths`: a path, a glob, a base name, or several.

        Raises:
            UsageError: There is no such file.
        """
        return cls(tuple(resolve(paths)), schema)

    @cached_property
    def schema(self) -> pa.Schema:
        """The features and their types.

        Raises:
            SchemaError: No schema file, and nothing to infer one from.
        """
        return self.given if self.given is not None else find_schema(list(self.files))

    @cached_property
    def num_rows(self) -> int:
        """By counting the records' frames, once; every checksum is verified on the way."""
        return records.count(self.files)

    def read(self) -> Iterator[pa.RecordBatch]:
        """The files' records in order."""
        return records.read(self.files, self.schema)
