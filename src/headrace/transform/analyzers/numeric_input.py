"""What the analyzers of numbers share: which columns they take, and which values they see."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from headrace.columns import ColumnType, Ragged
from headrace.errors import SchemaError, TraceError

__all__ = ["NumericInput", "check_weights", "read_numbers", "statistic_type"]


def statistic_type(name: str, types: tuple[ColumnType, ...], reduce_instance_dims: bool) -> ColumnType:
    """The type of a statistic of numbers: float64, a scalar or shaped like a row.

    Args:
        name: The statistic's.
        types: The column's type and, if it is weighted, the weights'.
        reduce_instance_dims: Whether all values of a row are one column's.

    Raises:
        TraceError: The column holds strings, a ragged column has no fixed places, or weights do not fit.
    """
    type_ = types[0]
    if type_.is_string:
        raise TraceError(f"{name} is for numbers, and {type_} came in", hint="use vocabulary for strings")
    if type_.ragged and not reduce_instance_dims:
        raise TraceError(f"{name} of each place in {type_}", hint="leave reduce_instance_dims=True")
    for weights in types[1:]:
        check_weights(type_, weights, reduce_instance_dims)
    return ColumnType("float64", () if reduce_instance_dims else type_.shape)


def check_weights(x: ColumnType, weights: ColumnType, reduce_instance_dims: bool = True) -> None:
    """Weights are numbers, one a row, or one a value where all values are one column's.

    Raises:
        TraceError: They are something else.
    """
    one_a_value = reduce_instance_dims and (weights.shape, weights.ragged) == (x.shape, x.ragged)
    if weights.is_string or not (one_a_value or (not weights.shape and not weights.ragged)):
        raise TraceError(f"weights of {weights} for a column of {x}", hint="give one number a row")


class NumericInput(NamedTuple):
    """Numbers with what belongs to each: the form that kernels take.

    Attributes:
        values: [rows, places]: each place has a statistic of its own.
        weights: float64, [rows], or None: every row counts once.
        codes: int32, [rows], each row's group; or None: all are in one.
    """

    values: np.ndarray
    weights: np.ndarray | None
    codes: np.ndarray | None


def read_numbers(
    column: Any, weights: Any, codes: np.ndarray | None, reduce_instance_dims: bool
) -> NumericInput:
    """The numbers of a column, in one row each if all its values are one column's.

    Args:
        column: [rows, *shape], or `Ragged`.
        weights: One a row or one a value, or None.
        codes: One a row, or None.
        reduce_instance_dims: Whether all values of a row are one column's.

    Raises:
        SchemaError: Lists of weights and lists of values have different lengths.
    """
    if isinstance(column, Ragged):
        _check_lists(column, weights)
        values = np.asarray(column.values).reshape(-1, 1)
        repeats: Any = np.diff(column.row_splits)
    else:
        column = np.asarray(column)
        places = math.prod(column.shape[1:])
        values = column.reshape(-1, 1) if reduce_instance_dims else column.reshape(len(column), places)
        repeats = places if reduce_instance_dims else 1
    if weights is not None:
        weights = np.asarray(weights.values if isinstance(weights, Ragged) else weights, np.float64)
        weights = _spread(weights.reshape(-1), len(values), repeats)
    if codes is not None:
        codes = _spread(codes.astype(np.int32, copy=False), len(values), repeats)
    return NumericInput(np.ascontiguousarray(values), weights, codes)


def _spread(of_rows: np.ndarray, size: int, repeats: Any) -> np.ndarray:
    """One a value, from one a row."""
    return np.ascontiguousarray(of_rows if len(of_rows) == size else np.repeat(of_rows, repeats))


def _check_lists(column: Ragged, weights: Any) -> None:
    if isinstance(weights, Ragged) and not np.array_equal(weights.row_splits, column.row_splits):
        raise SchemaError("lists of weights of other lengths than those of values", hint="give one a row")
