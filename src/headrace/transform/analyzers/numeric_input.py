"""Input of numeric analyzers: checks of column types, and conversion to arrays for the kernels."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from headrace.columns import ColumnType, Ragged
from headrace.errors import SchemaError, TraceError

__all__ = ["NumericInput", "as_exact_floats", "check_weights", "infer_statistic_type", "read_numbers"]

_MOST_INTEGER = 2**53  # up to which float64 holds every integer


def infer_statistic_type(name: str, types: tuple[ColumnType, ...], reduce_instance_dims: bool) -> ColumnType:
    """Infer the type of a statistic of numbers: float64, a scalar or of the shape of a row.

    Args:
        name: The name of the statistic.
        types: The type of the column and, if the statistic is weighted, of the weights.
        reduce_instance_dims: The statistic reduces over all values of a row.

    Raises:
        TraceError: The column holds strings, lists do not have fixed places, or the weights do not match.
    """
    type_ = types[0]
    if type_.is_string:
        raise TraceError(f"{name} expects numbers, got {type_}", hint="use vocabulary for strings")
    if type_.ragged and not reduce_instance_dims:
        raise TraceError(
            f"{name} by place expects rows of fixed length, got {type_}", hint="set reduce_instance_dims=True"
        )
    for weights in types[1:]:
        check_weights(type_, weights, reduce_instance_dims)
    return ColumnType("float64", () if reduce_instance_dims else type_.shape)


def check_weights(x: ColumnType, weights: ColumnType, reduce_instance_dims: bool = True) -> None:
    """Check that weights are numbers, one per row, or one per value if the statistic reduces over a row.

    Raises:
        TraceError: They are not.
    """
    per_value = reduce_instance_dims and (weights.shape, weights.ragged) == (x.shape, x.ragged)
    if weights.is_string or not (per_value or (not weights.shape and not weights.ragged)):
        raise TraceError(f"expected one weight per row of {x}, got {weights}", hint="pass one number per row")


class NumericInput(NamedTuple):
    """Numbers with their weights and groups, as the kernels expect them.

    Attributes:
        values: [rows, places]; each place has a statistic of its own.
        weights: float64 [rows]; None if all are 1.
        codes: The group of each row, int32 [rows]; None if there is one group.
    """

    values: np.ndarray
    weights: np.ndarray | None
    codes: np.ndarray | None


def read_numbers(
    column: Any, weights: Any, codes: np.ndarray | None, reduce_instance_dims: bool
) -> NumericInput:
    """Convert a column to [rows, places], or to one value per row if the statistic reduces over a row.

    Args:
        column: [rows, *shape], or `Ragged`.
        weights: One number per row or value, or None.
        codes: The group of each row, or None.
        reduce_instance_dims: The statistic reduces over all values of a row.

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
        weights = _repeat_per_value(weights.reshape(-1), len(values), repeats)
    if codes is not None:
        codes = _repeat_per_value(codes.astype(np.int32, copy=False), len(values), repeats)
    return NumericInput(np.ascontiguousarray(values), weights, codes)


def as_exact_floats(values: np.ndarray) -> np.ndarray:
    """Convert numbers to float64, for a statistic that is computed from their ranks or products.

    Raises:
        SchemaError: An integer is beyond 2**53, where float64 rounds neighbours to one number.
    """
    if values.dtype.itemsize == 8 and values.dtype.kind in "iu" and values.size:
        furthest = max(int(values.max()), int(values.min()), key=abs)
        if abs(furthest) > _MOST_INTEGER:
            raise SchemaError(
                f"expected integers up to 2**53 for this statistic, got {furthest}, which float64 rounds",
                hint="subtract an integer first, exactly, as in x - hr.transform.min(x)",
            )
    return values.astype(np.float64, copy=False)


def _repeat_per_value(per_row: np.ndarray, size: int, repeats: Any) -> np.ndarray:
    """Repeat what is given per row for each value of the row."""
    return np.ascontiguousarray(per_row if len(per_row) == size else np.repeat(per_row, repeats))


def _check_lists(column: Ragged, weights: Any) -> None:
    if isinstance(weights, Ragged) and not np.array_equal(weights.row_splits, column.row_splits):
        raise SchemaError(
            "lists of weights and lists of values differ in length", hint="pass one weight per row"
        )
