"""A record batch to framed Examples or SequenceExamples."""

from __future__ import annotations

from functools import partial
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace import _native
from headrace._native import Layout, ValueKind
from headrace.errors import SchemaError
from headrace.records.schema.example import Rule, rules
from headrace.records.schema.sequence_example import ListRule, RecordSchema, SequenceSchema, list_rules

__all__ = ["ColumnView", "EncodableBatch", "FeatureListView", "splits_of", "to_float32"]

# (name, kind, values, offsets of bytes values, row splits, else values a row, a byte a row: is it there)
ColumnView: TypeAlias = tuple[str, ValueKind | int, Any, Any, Any, int, Any]
# (the steps' column, row splits, a byte a row: is it there, steps)
FeatureListView: TypeAlias = tuple[ColumnView, Any, Any, int]


def to_float32(values: NDArray[Any], name: str) -> NDArray[np.float32]:
    """As an Example stores them.

    Raises:
        SchemaError: A finite value beyond float32.
    """
    with np.errstate(over="ignore"):
        narrow = np.ascontiguousarray(values, np.float32)
    if values.dtype == np.float64 and bool(np.any(np.isinf(narrow) & np.isfinite(values))):
        what = "a value lies beyond float32, the widest float an Example holds"
        raise SchemaError(what, feature=name, hint="scale it, or write it as a string")
    return narrow


def _presence(array: pa.Array, name: str, required: bool) -> NDArray[np.bool_] | None:
    """Which rows are not null, or None if all are."""
    if not array.null_count:
        return None
    if required:
        what = f"{array.null_count:,} nulls in a field that is not nullable"
        raise SchemaError(what, feature=name, hint="make the field nullable or fill it")
    return array.is_valid().to_numpy(zero_copy_only=False)


def _bytes_memory(array: pa.Array) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The memory of a string or binary array, and int64 offsets into it, [values + 1]."""
    _, offsets, data = array.buffers()
    large = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
    if not len(array) or offsets is None:
        return np.empty(0, np.uint8), np.zeros(len(array) + 1, np.int64)
    window = slice(array.offset, array.offset + len(array) + 1)
    starts = np.frombuffer(offsets, np.int64 if large else np.int32)[window].astype(np.int64)
    return (np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)), starts


def _numbers(array: pa.Array, rule: Rule) -> NDArray[Any]:
    if array.null_count:
        array = array.fill_null(False if pa.types.is_boolean(array.type) else 0)
    values: NDArray[Any] = array.to_numpy(zero_copy_only=False)
    if rule.kind == ValueKind.FLOAT:
        return to_float32(values, rule.name)
    return np.ascontiguousarray(values.astype(np.int64, copy=False))


def splits_of(lengths: Any) -> NDArray[np.int64]:
    """Where rows of these lengths start, lying end to end, and where the last ends; int64, [rows + 1]."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])


def _lengths(array: pa.Array) -> NDArray[np.int64]:
    """Of lists; a null has none."""
    return array.value_lengths().fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)


def _row_lengths(array: pa.Array, rule: Rule, present: NDArray[np.bool_] | None) -> NDArray[np.int64]:
    if rule.layout == Layout.LIST:
        return _lengths(array)
    lengths = np.full(len(array), rule.size, np.int64)
    return lengths if present is None else lengths * present


def _flat(array: pa.Array, rule: Rule) -> pa.Array:
    """The values of the rows that are not null."""
    if rule.layout == Layout.LIST or array.null_count:
        return array.flatten()
    return array.values.slice(array.offset * rule.size, len(array) * rule.size)  # `flatten` copies


def _list_view(rule: Rule, array: pa.Array, present: NDArray[np.bool_] | None) -> ColumnView:
    flat = _flat(array, rule)
    if flat.null_count:
        what = f"{flat.null_count:,} nulls inside lists, which an Example cannot hold"
        raise SchemaError(what, feature=rule.name, hint="fill or drop them")
    splits = splits_of(_row_lengths(array, rule, present))
    shown = None if present is None else present.view(np.uint8)
    if rule.layout == Layout.RAW:  # one value a row: the row's bytes
        return rule.name, ValueKind.BYTES, np.ascontiguousarray(flat.to_numpy()), splits, None, 1, shown
    if rule.kind == ValueKind.BYTES:
        return rule.name, ValueKind.BYTES, *_bytes_memory(flat), splits, 1, shown
    return rule.name, rule.kind, _numbers(flat, rule), None, splits, 1, shown


def _view(rule: Rule, array: pa.Array) -> ColumnView:
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    present = _presence(array, rule.name, rule.required)
    if rule.layout != Layout.SCALAR:
        return _list_view(rule, array, present)
    shown = None if present is None else present.view(np.uint8)
    if rule.kind == ValueKind.BYTES:
        return rule.name, ValueKind.BYTES, *_bytes_memory(array), None, 1, shown
    return rule.name, rule.kind, _numbers(array, rule), None, None, 1, shown


def _list_of_steps(rule: ListRule, array: pa.Array) -> FeatureListView:
    present = _presence(array, rule.step.name, rule.required)
    steps = array.flatten()
    if steps.null_count:
        what = f"{steps.null_count:,} nulls among the steps, which a SequenceExample cannot hold"
        raise SchemaError(what, feature=rule.step.name, hint="fill or drop them")
    shown = None if present is None else present.view(np.uint8)
    return _view(rule.step, steps), splits_of(_lengths(array)), shown, len(steps)


def _views(schema: pa.Schema, columns: list[pa.Array]) -> list[ColumnView]:
    return [_view(rule, array) for rule, array in zip(rules(schema), columns, strict=True)]


class EncodableBatch:
    """A batch made ready for encoding; `encode` may be called from several threads.

    Args:
        batch: Columns of the types in `headrace.records.schema.example`, or `sequence_schema`.
        schema: The batch's types; its nullability counts, and it decides which message rows become.

    Raises:
        SchemaError: A type records cannot hold, nulls in a required field or inside lists, or a float beyond
            float32.
    """

    def __init__(self, batch: pa.RecordBatch, schema: RecordSchema) -> None:
        self.rows = batch.num_rows
        if isinstance(schema, SequenceSchema):
            context, lists = batch.columns[: len(schema.context)], batch.columns[len(schema.context) :]
            steps = [_list_of_steps(*pair) for pair in zip(list_rules(schema), lists, strict=True)]
            views = _views(schema.context, context)
            self._encode = partial(_native.encode_sequence_examples, views, steps, self.rows)
        else:
            self._encode = partial(_native.encode_examples, _views(schema, batch.columns), self.rows)

    def encode(self, first: int, step: int) -> NDArray[np.uint8]:
        """Rows first, first + step, ... as TFRecord frames of messages."""
        try:
            return self._encode(first, step)
        except ValueError as error:
            raise SchemaError(str(error), hint="split the row") from error
