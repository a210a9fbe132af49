"""Distinct values of lists, and their frequencies within a list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.graph.op import Op
from headrace.transform.tracing.column import Column, apply

__all__ = ["deduplicate_per_row", "term_frequency"]


class Distinct(NamedTuple):
    """Marks for the first occurrence of each distinct value of a row, and counts of the value in the row."""

    first: Any
    count: Any


class _PerRow(Op, abstract=True):
    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.ragged or not (x.is_string or x.is_integer) or x.dtype == "uint64":
            raise TraceError(
                f"{self.name} expects lists of strings or integers, got {x}", hint="tokenize text first"
            )
        return x


@dataclass(frozen=True)
class DeduplicatePerRow(_PerRow):
    """The distinct values of each list, in the order of first occurrence."""

    arity = (1, 1)

    def evaluate(self, *values: Any) -> Any:
        (x,) = values
        first = _find_distinct(x).first
        kept = x.values.filter(pa.array(first)) if isinstance(x.values, pa.Array) else x.values[first]
        return Ragged(kept, _filter_row_splits(x.row_splits, first))

    def lower(self, *values: Any) -> Any:
        from headrace.transform.ops.lists import onnx_ragged as ragged

        (x,) = values
        first = _find_distinct_in_onnx(x).first
        return Ragged(ragged.compress(x.values, first), ragged.filter_row_splits(x.row_splits, first))


@dataclass(frozen=True)
class TermFrequency(_PerRow):
    """For each distinct value of a list, by first occurrence: its count / the length of the list."""

    arity = (1, 1)

    def infer(self, *types: ColumnType) -> ColumnType:
        return replace(super().infer(*types), dtype="float32")

    def evaluate(self, *values: Any) -> Any:
        (x,) = values
        first, count = _find_distinct(x)
        lengths = np.repeat(np.diff(x.row_splits), np.diff(x.row_splits))
        shares = count.astype(np.float32) / lengths.astype(np.float32)
        return Ragged(shares[first], _filter_row_splits(x.row_splits, first))

    def lower(self, *values: Any) -> Any:
        import ndonnx as ndx

        from headrace.transform.ops.lists import onnx_ragged as ragged

        (x,) = values
        first, count = _find_distinct_in_onnx(x)
        length = ndx.take(x.row_splits[1:] - x.row_splits[:-1], ragged.row_ids(x.values, x.row_splits))
        shares = ndx.astype(count, ndx.float32) / ndx.astype(length, ndx.float32)
        return Ragged(ragged.compress(shares, first), ragged.filter_row_splits(x.row_splits, first))


def _find_distinct(x: Ragged) -> Distinct:
    if isinstance(x.values, pa.Array):
        encoded = x.values.dictionary_encode()
        codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        kinds = len(encoded.dictionary)
    else:
        found, codes = np.unique(x.values, return_inverse=True)
        kinds = len(found)
    rows = np.repeat(np.arange(len(x.row_splits) - 1), np.diff(x.row_splits))
    _, where, counts = np.unique(rows * kinds + codes, return_index=True, return_counts=True)
    first, count = np.zeros(len(codes), bool), np.zeros(len(codes), np.int64)
    first[where], count[where] = True, counts
    return Distinct(first, count)


def _find_distinct_in_onnx(x: Ragged) -> Distinct:
    import ndonnx as ndx

    from headrace.transform.ops.lists import onnx_ragged as ragged

    values = x.values if x.values.dtype == ndx.utf8 else ndx.astype(x.values, ndx.int64)
    kinds, _, codes, _ = ragged.unique(values)
    # One more than the number of distinct values, so that the factor of an empty batch is not 0.
    key = ragged.row_ids(x.values, x.row_splits) * (kinds.dynamic_shape[0] + np.int64(1)) + codes
    _, where, _, counts = ragged.unique(key)
    count = ragged.scatter_add(x.values, where, counts)
    return Distinct(count > np.int64(0), count)


def _filter_row_splits(row_splits: np.ndarray, keep: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(keep)])[row_splits].astype(np.int64)


def deduplicate_per_row(x: Column) -> Column:
    """Remove repeated values from each list of x, keeping the order of first occurrence.

    Args:
        x: A ragged column of strings or integers.
    """
    return apply(DeduplicatePerRow(), x)


def term_frequency(x: Column) -> Column:
    """Compute the frequency of each distinct value in its list: count / length, float32.

    The values of the same places are `deduplicate_per_row(x)`.

    Args:
        x: A ragged column of strings or integers.

    Returns:
        A ragged column of float32, one number per distinct value.
    """
    return apply(TermFrequency(), x)
