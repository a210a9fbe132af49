"""Encode record batches as framed Examples or SequenceExamples."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace import _native
from headrace._native import Layout, ValueKind
from headrace.columns import check_text, to_numpy_type
from headrace.errors import SchemaError
from headrace.records.messages.tensor_columns import encode_tensors
from headrace.records.schema.example import Rule, derive_rules, is_date
from headrace.records.schema.sequence_example import ListRule, RecordSchema, SequenceSchema, derive_list_rules

__all__ = [
    "BatchEncoder",
    "ColumnView",
    "EncodableBatch",
    "FeatureListView",
    "compute_row_splits",
    "to_float32",
]

# (name, kind, values, offsets of bytes values, row splits, values per row without them, presence per row,
#  whether bytes must be UTF-8)
ColumnView: TypeAlias = tuple[str, ValueKind | int, Any, Any, Any, int, Any, bool]
# (column of the steps, row splits, presence per row, number of steps)
FeatureListView: TypeAlias = tuple[ColumnView, Any, Any, int]


def to_float32(values: NDArray[Any], name: str) -> NDArray[np.float32]:
    """Convert floats to the type that an Example stores.

    Raises:
        SchemaError: A finite value is out of range for float32.
    """
    with np.errstate(over="ignore"):
        narrow = np.ascontiguousarray(values, np.float32)
    if values.dtype == np.float64 and bool(np.any(np.isinf(narrow) & np.isfinite(values))):
        what = "a value is out of range for float32, the widest float of an Example"
        raise SchemaError(what, feature=name, hint="scale it, or write it as a string")
    return narrow


def _find_present(array: pa.Array, name: str, required: bool) -> NDArray[np.bool_] | None:
    """Find the rows that are not null; None: all."""
    if not array.null_count:
        return None
    if required:
        what = f"expected no nulls in a field that is not nullable, got {array.null_count:,}"
        raise SchemaError(what, feature=name, hint="make the field nullable or fill the nulls")
    return array.is_valid().to_numpy(zero_copy_only=False)


def _get_bytes(array: pa.Array) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the bytes of a string or binary array, and int64 offsets into them, [values + 1]."""
    _, offsets, data = array.buffers()
    large = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
    if not len(array) or offsets is None:
        return np.empty(0, np.uint8), np.zeros(len(array) + 1, np.int64)
    window = slice(array.offset, array.offset + len(array) + 1)
    starts = np.frombuffer(offsets, np.int64 if large else np.int32)[window].astype(np.int64)
    return (np.empty(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)), starts


def _convert_numbers(array: pa.Array, rule: Rule) -> NDArray[Any]:
    if is_date(array.type):
        array = array.view(pa.from_numpy_dtype(to_numpy_type(array.type)))
    if array.null_count:
        array = array.fill_null(False if pa.types.is_boolean(array.type) else 0)
    values: NDArray[Any] = array.to_numpy(zero_copy_only=False)
    if rule.kind == ValueKind.FLOAT:
        return to_float32(values, rule.name)
    return np.ascontiguousarray(values.astype(np.int64, copy=False))


def compute_row_splits(lengths: Any) -> NDArray[np.int64]:
    """Compute the starts of rows of these lengths that lie end to end, and the end; int64, [rows + 1]."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])


def _get_list_lengths(array: pa.Array) -> NDArray[np.int64]:
    """Return the lengths of lists; that of a null is 0."""
    return array.value_lengths().fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)


def _get_row_lengths(array: pa.Array, rule: Rule, present: NDArray[np.bool_] | None) -> NDArray[np.int64]:
    if rule.layout == Layout.LIST:
        return _get_list_lengths(array)
    lengths = np.full(len(array), rule.size, np.int64)
    return lengths if present is None else lengths * present


def _flatten(array: pa.Array, rule: Rule) -> pa.Array:
    """Return the values of the rows that are not null."""
    if rule.layout == Layout.LIST or array.null_count:
        flat = array.flatten()
    else:
        flat = array.values.slice(array.offset * rule.size, len(array) * rule.size)  # `flatten` copies
    return flat.dictionary_decode() if isinstance(flat, pa.DictionaryArray) else flat


def _view_list(rule: Rule, array: pa.Array, present: NDArray[np.bool_] | None) -> ColumnView:
    flat = _flatten(array, rule)
    if flat.null_count:
        what = f"expected no nulls inside lists, got {flat.null_count:,}"
        raise SchemaError(what, feature=rule.name, hint="fill or drop them")
    splits = compute_row_splits(_get_row_lengths(array, rule, present))
    presence = None if present is None else present.view(np.uint8)
    if rule.layout == Layout.RAW:  # one value per row: the bytes of the row
        return (
            rule.name,
            ValueKind.BYTES,
            np.ascontiguousarray(flat.to_numpy()),
            splits,
            None,
            1,
            presence,
            False,
        )
    if rule.kind == ValueKind.BYTES:
        return rule.name, ValueKind.BYTES, *_get_bytes(flat), splits, 1, presence, rule.utf8
    return rule.name, rule.kind, _convert_numbers(flat, rule), None, splits, 1, presence, False


def _view(rule: Rule, array: pa.Array) -> ColumnView:
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if rule.serialized:
        array = encode_tensors(array, rule.name)
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    present = _find_present(array, rule.name, rule.required)
    if rule.layout != Layout.SCALAR:
        return _view_list(rule, array, present)
    presence = None if present is None else present.view(np.uint8)
    if rule.kind == ValueKind.BYTES:
        return rule.name, ValueKind.BYTES, *_get_bytes(array), None, 1, presence, rule.utf8
    return rule.name, rule.kind, _convert_numbers(array, rule), None, None, 1, presence, False


def _view_steps(rule: ListRule, array: pa.Array) -> FeatureListView:
    present = _find_present(array, rule.step.name, rule.required)
    steps = array.flatten()
    if steps.null_count:
        what = f"expected no null steps, got {steps.null_count:,}"
        raise SchemaError(what, feature=rule.step.name, hint="fill or drop them")
    presence = None if present is None else present.view(np.uint8)
    return _view(rule.step, steps), compute_row_splits(_get_list_lengths(array)), presence, len(steps)


class EncodableBatch:
    """A batch prepared by a `BatchEncoder`; `encode` may be called from several threads."""

    def __init__(
        self,
        encode: Callable[[int, int], tuple[NDArray[np.uint8], NDArray[np.uint8]]],
        batch: pa.RecordBatch,
        first_row: int,
    ) -> None:
        self._encode = encode
        self._batch, self._first_row = batch, first_row

    def encode(self, first: int, step: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Encode rows first, first + step, ... as TFRecord frames of messages.

        Returns:
            The frames, and the records' stored checksums, 4 bytes each.

        Raises:
            SchemaError: A string that is not UTF-8, or a row of more than 2 GiB.
        """
        try:
            return self._encode(first, step)
        except ValueError as error:
            check_text(self._batch, first_row=self._first_row)
            raise SchemaError(str(error), hint="split the row") from error


class BatchEncoder:
    """Encodes batches of one schema.

    Args:
        schema: The schema, which decides which fields are required and which message is written.

    Raises:
        SchemaError: A type that records cannot hold.
    """

    def __init__(self, schema: RecordSchema) -> None:
        self._is_sequence = isinstance(schema, SequenceSchema)
        self._rules = derive_rules(schema.context if isinstance(schema, SequenceSchema) else schema)
        self._list_rules = derive_list_rules(schema) if isinstance(schema, SequenceSchema) else []

    def prepare(self, batch: pa.RecordBatch, *, first_row: int = 0) -> EncodableBatch:
        """Prepare a batch of columns of the types in `headrace.records.schema`.

        Args:
            batch: The batch.
            first_row: The number of its first row in the stream, for messages.

        Raises:
            SchemaError: Nulls in a required field or inside lists, or a float out of range for float32.
        """
        columns, lists = batch.columns[: len(self._rules)], batch.columns[len(self._rules) :]
        steps = [_view_steps(*pair) for pair in zip(self._list_rules, lists, strict=True)]
        views = [_view(*pair) for pair in zip(self._rules, columns, strict=True)]
        if self._is_sequence:
            encode = partial(_native.encode_sequence_examples, views, steps, batch.num_rows)
        else:
            encode = partial(_native.encode_examples, views, batch.num_rows)
        return EncodableBatch(encode, batch, first_row)
