"""Serialised Examples or SequenceExamples to a record batch, by a schema."""

from __future__ import annotations

from enum import IntEnum
from functools import partial
from typing import Any, NamedTuple, Self

import pyarrow as pa

from headrace import _native
from headrace.errors import RecordError
from headrace.records.messages.arrow_columns import assembly_of, assembly_of_list
from headrace.records.schema.example import BYTES, FLOAT, INT64, is_list, rules
from headrace.records.schema.sequence_example import RecordSchema, SequenceSchema, arrow_schema, list_rules
from headrace.records.tfrecord.framing import Place, Records, damaged_data

__all__ = ["BatchParser", "LocalState", "Taken", "kind_conflict", "malformed", "of_step"]

_KIND_NAMES = {BYTES: "bytes", FLOAT: "float", INT64: "int64"}
_READ_AS = {BYTES: "binary", FLOAT: "float32", INT64: "int64"}
_MALFORMED, _MISSING, _KIND, _COUNT, _SIZE, _RANGE, _UTF8, _OVERFLOW, _CHECKSUM = range(1, 10)


def malformed(place: Place, message: str = "tf.train.Example") -> RecordError:
    """The error of bytes that are no such message."""
    return place.error(f"the bytes are no {message}", "check the program that wrote it")


def of_step(what: str, step: int) -> str:
    """`what`, said of a step of a feature list; steps below 0 are none."""
    return what if step < 0 else f"step {step:,} {what}"


def kind_conflict(place: Place, feature: str, found: int, expected: str, step: int = -1) -> RecordError:
    """The error of a feature of another kind than expected."""
    hint = f"read it as {_READ_AS[found]} or fix the writer"
    return place.error(of_step(f"is {_KIND_NAMES[found]}, {expected}", step), hint, feature)


def _values(count: int) -> str:
    return f"{count:,} value" + ("" if count == 1 else "s")


def _step_complaint(fault: int, found: int, expected: int) -> tuple[str, str] | None:
    """What is wrong with a step, where that differs from what may be wrong with a feature."""
    hint = "read it as a list of lists or fix the writer"
    if fault == _MISSING:
        return "has no value", hint
    if fault == _COUNT:
        return f"has {_values(found)}, the schema says {_values(expected)}", hint
    return None


def _complaint(fault: int, type_: pa.DataType, found: int, expected: int) -> tuple[str, str]:
    """What is wrong, and the way out."""
    if fault == _MISSING:
        return "is missing, the schema requires it", "make it nullable in the schema or fix the writer"
    if fault == _COUNT:
        what = f"has {_values(found)}, the schema says {_values(expected)}"
        return what, "read it as a list or fix the writer"
    if fault == _SIZE:
        return f"has {found:,} bytes, the schema says {expected:,}", "read it as binary or fix the writer"
    if fault == _RANGE:
        narrow = type_ if pa.types.is_primitive(type_) else type_.value_type
        return f"is {found}, which does not fit {narrow}", "read it as int64 or fix the writer"
    if fault == _UTF8:
        return "holds bytes that are not UTF-8", "read it as binary or fix the writer"
    if fault == _OVERFLOW:
        return "passes 2**31 values or bytes in one batch", "read with a smaller batch_size"
    return "is malformed", "check the program that wrote it"


class _Examples:
    """How Examples are parsed."""

    message = "tf.train.Example"

    def __init__(self, schema: pa.Schema) -> None:
        self.start = partial(_native.ExampleParser, [rule.spec for rule in rules(schema)])
        self._assemblies = [assembly_of(field) for field in schema]

    def columns(self, parser: _native.ExampleParser) -> list[pa.Array]:
        """The arrays of all that was parsed."""
        rows = parser.rows
        columns = zip(self._assemblies, parser.finish(), strict=True)
        return [assemble(rows, *memory) for assemble, memory in columns]


class _SequenceExamples:
    """How SequenceExamples are parsed."""

    message = "tf.train.SequenceExample"

    def __init__(self, schema: SequenceSchema) -> None:
        lists = [rule.spec for rule in list_rules(schema)]
        self.start = partial(_native.SequenceParser, [rule.spec for rule in rules(schema.context)], lists)
        self._context = [assembly_of(field) for field in schema.context]
        self._lists = [assembly_of_list(field.type) for field in schema.feature_lists]

    def columns(self, parser: _native.SequenceParser) -> list[pa.Array]:
        """The arrays of all that was parsed."""
        rows = parser.rows
        context, lists = parser.finish()
        return [
            *(assemble(rows, *memory) for assemble, memory in zip(self._context, context, strict=True)),
            *(assemble(rows, *memory) for assemble, memory in zip(self._lists, lists, strict=True)),
        ]


class LocalState(IntEnum):
    """What follows the records that were taken from a local file."""

    MORE = 0  # perhaps
    END = 1
    STUCK = 2  # no whole record, or one that cannot be read


class Taken(NamedTuple):
    """How many records were taken from a local file, and what follows."""

    rows: int
    state: LocalState


class BatchParser:
    """Collects records, from any number of files, into one record batch.

    Args:
        schema: What to read; features it does not name are passed over.

    Raises:
        SchemaError: A schema that cannot describe Examples, or SequenceExamples.
    """

    def __init__(self, schema: RecordSchema) -> None:
        self._schema = arrow_schema(schema)
        self._how: Any = (
            _SequenceExamples(schema) if isinstance(schema, SequenceSchema) else _Examples(schema)
        )
        self._native = self._how.start()

    def fresh(self) -> Self:
        """An empty parser of the same schema, which is not worked out again."""
        parser = object.__new__(type(self))
        parser._schema, parser._how, parser._native = self._schema, self._how, self._how.start()
        return parser

    def reserve(self, rows: int, bytes_: int) -> None:
        """Makes room once for what will have been appended: how many records, and how many bytes of them."""
        self._native.reserve(rows, bytes_)

    def append(self, records: Records) -> None:
        """Parses more records, and verifies their checksums where that is still to be done.

        Raises:
            RecordError: A record is damaged, no Example, or does not fit the schema. The parser is spent.
        """
        append = self._native.append if records.verified else self._native.append_unverified
        failure = append(records.data, records.starts, records.lengths)
        if failure is not None:
            fault, row, *what = failure
            raise self._error(records.place(row), fault, *what)

    def append_local(self, path: str, records: _native.LocalRecords, rows: int, stop: int) -> Taken:
        """Parses records of a local file, so many at most, as long as they start before the byte `stop`.

        Raises:
            RecordError: A record is damaged, no Example, or does not fit the schema. The parser is spent.
        """
        taken, state, failure = self._native.append_local(records, rows, stop)
        if failure is not None:
            fault, _, *what = failure
            raise self._error(Place(path, records.record, records.offset), fault, *what)
        return Taken(taken, LocalState(state))

    def _error(
        self, place: Place, fault: int, feature: int, found: int, expected: int, step: int
    ) -> RecordError:
        if fault == _CHECKSUM:
            return damaged_data(place)
        if feature < 0:
            return malformed(place, self._how.message)
        field = self._schema.field(feature)
        type_ = field.type if step < 0 else field.type.value_type
        if fault == _KIND:
            return kind_conflict(place, field.name, found, f"the schema says {type_}", step)
        complaint = _step_complaint(fault, found, expected) if step >= 0 and not is_list(type_) else None
        what, hint = complaint or _complaint(fault, type_, found, expected)
        return place.error(of_step(what, step), hint, field.name)

    def finish(self) -> pa.RecordBatch:
        """All rows appended, as a batch of the schema; the parser is spent."""
        rows = self._native.rows
        arrays = self._how.columns(self._native)
        if not arrays:
            return pa.RecordBatch.from_struct_array(pa.array([{}] * rows, pa.struct([])))
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)
