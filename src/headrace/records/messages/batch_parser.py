"""Parse serialised Examples or SequenceExamples into a record batch, by a schema."""

from __future__ import annotations

from functools import partial
from typing import Any, Self

import pyarrow as pa

from headrace import _native
from headrace._native import SelectedState
from headrace.errors import RecordError
from headrace.records.messages.arrow_columns import make_column_builder, make_list_column_builder
from headrace.records.messages.mismatch import mismatch_error
from headrace.records.schema.example import derive_rules
from headrace.records.schema.sequence_example import (
    RecordSchema,
    SequenceSchema,
    check_schema_type,
    derive_list_rules,
)
from headrace.records.tfrecord.framing import Place, Records
from headrace.records.tfrecord.selected import SelectedFrames

__all__ = ["BatchParser"]


class _ExampleLayout:
    """How Examples are parsed into columns."""

    message = "tf.train.Example"

    def __init__(self, schema: pa.Schema) -> None:
        self.schema = schema
        self.new_parser = partial(_native.ExampleParser, [rule.spec for rule in derive_rules(schema)])
        self._builders = [make_column_builder(field) for field in schema]

    def columns(self, parser: _native.ExampleParser) -> list[pa.Array]:
        """The columns of all records parsed."""
        rows = parser.rows
        columns = zip(self._builders, parser.finish(), strict=True)
        return [build(rows, *memory) for build, memory in columns]


class _SequenceLayout:
    """How SequenceExamples are parsed into columns."""

    message = "tf.train.SequenceExample"

    def __init__(self, schema: SequenceSchema) -> None:
        lists = [rule.spec for rule in derive_list_rules(schema)]
        self.schema = schema.arrow
        self.new_parser = partial(
            _native.SequenceParser, [rule.spec for rule in derive_rules(schema.context)], lists
        )
        self._context = [make_column_builder(field) for field in schema.context]
        self._lists = [make_list_column_builder(field.type) for field in schema.feature_lists]

    def columns(self, parser: _native.SequenceParser) -> list[pa.Array]:
        """The columns of all records parsed."""
        rows = parser.rows
        context, lists = parser.finish()
        return [
            *(build(rows, *memory) for build, memory in zip(self._context, context, strict=True)),
            *(build(rows, *memory) for build, memory in zip(self._lists, lists, strict=True)),
        ]


class BatchParser:
    """Parses records, from any number of files, into one record batch.

    Args:
        schema: What to read; features that it does not name are skipped.

    Attributes:
        schema: The schema of the batch.

    Raises:
        UsageError: Not a schema.
        SchemaError: A schema that cannot describe Examples or SequenceExamples.
    """

    def __init__(self, schema: RecordSchema) -> None:
        if not isinstance(schema, pa.Schema | SequenceSchema):  # pyright: ignore[reportUnnecessaryIsInstance]
            check_schema_type(schema)
        self._layout: Any = (
            _SequenceLayout(schema) if isinstance(schema, SequenceSchema) else _ExampleLayout(schema)
        )
        self.schema: pa.Schema = self._layout.schema
        self._native = self._layout.new_parser()

    def fresh(self) -> Self:
        """Create an empty parser of the same schema, without deriving its layout again."""
        parser = object.__new__(type(self))
        parser.schema, parser._layout, parser._native = self.schema, self._layout, self._layout.new_parser()
        return parser

    def reserve(self, rows: int, bytes_: int) -> None:
        """Reserve memory for `rows` records of `bytes_` bytes in all."""
        self._native.reserve(rows, bytes_)

    def reserve_like(self, rows: int, bytes_: int, total: int, most_rows: int) -> None:
        """Reserve memory for a batch whose records resemble the first ones.

        Args:
            rows: The number of the first records.
            bytes_: Their size.
            total: The size of all records to come, including them.
            most_rows: The most rows of the batch.
        """
        expected = max(rows, min(most_rows, rows * total // bytes_))
        self._native.reserve(
            expected, expected * bytes_ // rows * 9 // 8
        )  # later ones may be a little longer

    def append(self, records: Records) -> None:
        """Parse more records, and verify their checksums unless that has been done.

        Raises:
            RecordError: A record is corrupt or does not match the schema. Discard the parser.
        """
        append = self._native.append if records.verified else self._native.append_unverified
        failure = append(records.data, records.starts, records.lengths)
        if failure is not None:
            fault, row, *details = failure
            raise self._error(records.place(row), fault, *details)

    def append_local(
        self, path: str, records: _native.LocalRecords, rows: int, stop: int
    ) -> tuple[int, _native.LocalState]:
        """Parse records of a local file: at most `rows`, of those that start before the byte `stop`.

        Returns:
            The number of records parsed, and what follows them.

        Raises:
            RecordError: A record is corrupt or does not match the schema. Discard the parser.
        """
        taken, state, failure = self._native.append_local(records, rows, stop)
        if failure is not None:
            fault, _, *details = failure
            raise self._error(Place(path, records.record, records.offset), fault, *details)
        return taken, state

    def append_selected(self, frames: SelectedFrames) -> None:
        """Read, verify and parse records at known places.

        Raises:
            UsageError: A file cannot be read.
            RecordError: A record is not at its place, is corrupt or does not match the schema. Discard the
                parser.
        """
        taken, state, errno, failure = self._native.append_selected(
            frames.descriptors, frames.offsets, frames.lengths
        )
        if failure is not None:
            fault, _, *details = failure
            raise self._error(frames.place(taken), fault, *details)
        if state != SelectedState.READ:
            raise frames.error(taken, state, errno)

    def _error(
        self, place: Place, fault: _native.RecordFault, feature: int, found: int, expected: int, step: int
    ) -> RecordError:
        field = None if feature < 0 else self.schema.field(feature)
        return mismatch_error(place, self._layout.message, field, fault, found, expected, step)

    def finish(self) -> pa.RecordBatch:
        """Return all rows as a batch of the schema. Discard the parser."""
        rows = self._native.rows
        arrays = self._layout.columns(self._native)
        if not arrays:
            return pa.RecordBatch.from_struct_array(pa.array([{}] * rows, pa.struct([])))
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)
