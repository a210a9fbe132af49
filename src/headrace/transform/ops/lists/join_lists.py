"""Concatenation of the lists of several columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import ColumnType, Ragged
from headrace.errors import SchemaError, TraceError
from headrace.transform.graph.op import Op
from headrace.transform.tracing.column import Column, apply

__all__ = ["join_lists"]


@dataclass(frozen=True)
class JoinLists(Op):
    """One list per row: the values of the first column, then those of the second, and so on."""

    arity = (1, None)

    def infer(self, *types: ColumnType) -> ColumnType:
        if not types or any(not each.ragged or each != types[0] for each in types):
            raise TraceError(
                f"join_lists expects lists of one type, got {' and '.join(map(str, types)) or 'none'}",
                hint="convert rows of fixed length with to_lists",
            )
        return types[0]

    def evaluate(self, *values: Any) -> Any:
        if len({len(each.row_splits) for each in values}) > 1:
            raise SchemaError("join_lists expects columns of equal lengths", hint="pass columns of one batch")
        splits = np.sum([each.row_splits for each in values], axis=0)
        order = np.empty(splits[-1], np.int64)
        order[_places(values, splits[:-1])] = np.arange(len(order))
        if isinstance(values[0].values, pa.Array):
            return Ragged(pa.concat_arrays([each.values for each in values]).take(pa.array(order)), splits)
        return Ragged(np.concatenate([each.values for each in values])[order], splits)

    def lower(self, *values: Any) -> Any:
        import ndonnx as ndx

        from headrace.transform.ops.lists import onnx_ragged as ragged

        splits = reduce(add, (each.row_splits for each in values))
        start, places = splits[:-1], []
        for each in values:
            rows = ragged.row_ids(each.values, each.row_splits)
            places.append(ragged.positions(each.values) + ndx.take(start - each.row_splits[:-1], rows))
            start = start + each.row_splits[1:] - each.row_splits[:-1]
        to = ndx.concat(places)
        together = ndx.concat([each.values for each in values])
        return Ragged(ndx.take(together, ragged.scatter_add(to, to, ragged.positions(to))), splits)


def _places(values: Sequence[Ragged], start: np.ndarray) -> np.ndarray:
    """Compute the place of each value of each column in the result, whose rows start at `start`."""
    places: list[np.ndarray] = []
    for each in values:
        lengths = np.diff(each.row_splits)
        places.append(np.repeat(start - each.row_splits[:-1], lengths) + np.arange(len(each.values)))
        start = start + lengths
    return np.concatenate(places)


def join_lists(columns: Sequence[Column]) -> Column:
    """Concatenate the lists of several columns, row by row: `[1, 2]` and `[3]` make `[1, 2, 3]`.

    Args:
        columns: Ragged columns of one type.
    """
    return apply(JoinLists(), *columns)
