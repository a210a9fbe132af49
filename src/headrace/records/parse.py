"""Serialised Examples or SequenceExamples to a record batch, by a schema."""

from __future__ import annotations

from copy import copy
from functools import partial
from typing import Any, Self

import numpy as np
import pyarrow as pa

from headrace import _native
from headrace.errors import RecordError
from headrace.records.defaults import default_of, fill
from headrace.records.framing import Place, Records, damaged_data
from headrace.records.schema import BYTES, FLOAT, INT64, is_list, numpy_type, rules
from headrace.records.sequence_schema import RecordSchema, SequenceSchema, arrow_schema, list_rules

__all__ = ["BatchParser", "kind_conflict", "malformed", "of_step"]

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
    way_out = f"read it as {_READ_AS[found]} or fix the writer"
    return place.error(of_step(f"is {_KIND_NAMES[found]}, {expected}", step), way_out, feature)


def _values(count: int) -> str:
    return f"{count:,} value" + ("" if count == 1 else "s")


def _step_complaint(fault: int, found: int, expected: int) -> tuple[str, str] | None:
    """What is wrong with a step, where that differs from what may be wrong with a feature."""
    way_out = "read it as a list of lists or fix the writer"
    if fault == _MISSING:
        return "has no value", way_out
    if fault == _COUNT:
        return f"has {_values(found)}, the schema says {_values(expected)}", way_out
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


def _bitmap(validity: Any) -> pa.Buffer | None:
    return None if validity is None else pa.py_buffer(validity)


def _scalars(type_: pa.DataType, values: Any, offsets: Any, validity: Any) -> pa.Array:
    """A flat Arrow array over the parser's memory, narrowed where the type is narrower."""
    bitmap = _bitmap(validity)
    if offsets is not None:
        is_large = pa.types.is_large_string(type_) or pa.types.is_large_binary(type_)
        offsets = offsets.astype(np.int64) if is_large else offsets
        buffers = [bitmap, pa.py_buffer(offsets), pa.py_buffer(values)]
        return pa.Array.from_buffers(type_, len(offsets) - 1, buffers)
    if pa.types.is_boolean(type_):
        bits = np.packbits(values.astype(np.bool_), bitorder="little")
        return pa.Array.from_buffers(type_, len(values), [bitmap, pa.py_buffer(bits)])
    narrow = values.astype(numpy_type(type_), copy=False)
    return pa.Array.from_buffers(type_, len(values), [bitmap, pa.py_buffer(narrow)])


def _fixed(type_: pa.DataType, rows: int, values: Any, offsets: Any, validity: Any) -> pa.Array:
    if isinstance(type_, pa.FixedShapeTensorType):
        storage = _fixed(type_.storage_type, rows, values, offsets, validity)
        return pa.ExtensionArray.from_storage(type_, storage)
    is_raw = pa.types.is_uint8(type_.value_type)
    child = _scalars(type_.value_type, values, None if is_raw else offsets, None)
    return pa.Array.from_buffers(type_, rows, [_bitmap(validity)], children=[child])


def _column(
    type_: pa.DataType, rows: int, values: Any, offsets: Any, row_splits: Any, validity: Any
) -> pa.Array:
    if pa.types.is_dictionary(type_):
        return _column(type_.value_type, rows, values, offsets, row_splits, validity).cast(type_)
    if row_splits is not None:
        splits = row_splits.astype(np.int64) if pa.types.is_large_list(type_) else row_splits
        child = _scalars(type_.value_type, values, offsets, None)
        return pa.Array.from_buffers(type_, rows, [_bitmap(validity), pa.py_buffer(splits)], children=[child])
    if isinstance(type_, pa.FixedShapeTensorType) or pa.types.is_fixed_size_list(type_):
        return _fixed(type_, rows, values, offsets, validity)
    return _scalars(type_, values, offsets, validity)


def _feature_column(field: pa.Field, rows: int, column: tuple[Any, ...]) -> pa.Array:
    """A feature's column, its default where it is missing."""
    return fill(_column(field.type, rows, *column), default_of(field))


def _list_column(type_: pa.DataType, rows: int, steps: Any, row_splits: Any, validity: Any) -> pa.Array:
    """A feature list's column, `row_splits` its steps."""
    child = _column(type_.value_type, int(row_splits[-1]), *steps)
    splits = row_splits.astype(np.int64) if pa.types.is_large_list(type_) else row_splits
    return pa.Array.from_buffers(type_, rows, [_bitmap(validity), pa.py_buffer(splits)], children=[child])


class _Examples:
    """Parses Examples."""

    message = "tf.train.Example"

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._start = partial(_native.ExampleParser, [rule.spec for rule in rules(schema)])
        self.native = self._start()

    def fresh(self) -> Self:
        parser = copy(self)
        parser.native = self._start()
        return parser

    def columns(self) -> list[pa.Array]:
        rows = self.native.rows
        pairs = zip(self._schema, self.native.finish(), strict=True)
        return [_feature_column(field, rows, column) for field, column in pairs]


class _SequenceExamples:
    """Parses SequenceExamples."""

    message = "tf.train.SequenceExample"

    def __init__(self, schema: SequenceSchema) -> None:
        self._schema = schema
        lists = [rule.spec for rule in list_rules(schema)]
        self._start = partial(_native.SequenceParser, [rule.spec for rule in rules(schema.context)], lists)
        self.native = self._start()

    def fresh(self) -> Self:
        parser = copy(self)
        parser.native = self._start()
        return parser

    def columns(self) -> list[pa.Array]:
        rows = self.native.rows
        context, lists = self.native.finish()
        features = zip(self._schema.context, context, strict=True)
        feature_lists = zip(self._schema.feature_lists, lists, strict=True)
        return [
            *(_feature_column(field, rows, column) for field, column in features),
            *(_list_column(field.type, rows, *column) for field, column in feature_lists),
        ]


class BatchParser:
    """Collects records, from any number of files, into one record batch.

    Args:
        schema: What to read; features it does not name are passed over.

    Raises:
        SchemaError: A schema that cannot describe Examples, or SequenceExamples.
    """

    def __init__(self, schema: RecordSchema) -> None:
        self._schema = arrow_schema(schema)
        self._parser = _SequenceExamples(schema) if isinstance(schema, SequenceSchema) else _Examples(schema)

    def fresh(self) -> Self:
        """An empty parser of the same schema, which is not worked out again."""
        parser = copy(self)
        parser._parser = self._parser.fresh()
        return parser

    def reserve(self, rows: int, bytes_: int) -> None:
        """Makes room once for what will be appended: how many records, and how many bytes of them."""
        self._parser.native.reserve(rows, bytes_)

    def append(self, records: Records) -> None:
        """Parses more records, and verifies their checksums where that is still to be done.

        Raises:
            RecordError: A record is damaged, no Example, or does not fit the schema. The parser is spent.
        """
        native = self._parser.native
        append = native.append if records.verified else native.append_unverified
        failure = append(records.data, records.starts, records.lengths)
        if failure is not None:
            raise self._error(records, *failure)

    def _error(
        self, records: Records, fault: int, row: int, feature: int, found: int, expected: int, step: int
    ) -> RecordError:
        place = records.place(row)
        if fault == _CHECKSUM:
            return damaged_data(place)
        if feature < 0:
            return malformed(place, self._parser.message)
        field = self._schema.field(feature)
        type_ = field.type if step < 0 else field.type.value_type
        if fault == _KIND:
            return kind_conflict(place, field.name, found, f"the schema says {type_}", step)
        complaint = _step_complaint(fault, found, expected) if step >= 0 and not is_list(type_) else None
        what, way_out = complaint or _complaint(fault, type_, found, expected)
        return place.error(of_step(what, step), way_out, field.name)

    def finish(self) -> pa.RecordBatch:
        """All rows appended, as a batch of the schema; the parser is spent."""
        rows = self._parser.native.rows
        arrays = self._parser.columns()
        if not arrays:
            return pa.RecordBatch.from_struct_array(pa.array([{}] * rows, pa.struct([])))
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema)
