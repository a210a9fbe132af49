"""The operators of columns: arithmetic and comparisons, with the promotion of their operands."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np

from headrace.errors import TraceError
from headrace.transform.tracing.column import (
    Column,
    apply,
    cast_to,
    constant,
    constant_values,
    make_op,
    operators,
)
from headrace.transform.tracing.exact_constants import check_held, exact_values, round_to_type
from headrace.transform.tracing.promotion import common_dtype, holds_64_bits

__all__ = ["align", "hold_exactly", "promote", "subtract_exactly"]

Number = float | int | bool


def promote(first: Column | Number, second: Column | Number) -> tuple[Column, Column]:
    """Convert two columns, of which a result takes its values, to one common type (see `Column`).

    Raises:
        TraceError: One is a constant that this type does not hold.
    """
    one, other = _as_columns(first, second)
    if one.type.is_string or other.type.is_string:
        return one, other
    dtype = common_dtype([one.node, other.node])
    return hold_exactly(one, dtype), hold_exactly(other, dtype)


def hold_exactly(column: Column, dtype: str) -> Column:
    """Cast a column to another numeric dtype.

    Raises:
        TraceError: The column is a constant that the type does not hold; see `exact_constants`.
    """
    if (values := constant_values(column)) is not None:
        check_held(values, dtype, str(column.node))
    return cast_to(column, dtype)


def align(*columns: Column) -> tuple[Column, ...]:
    """Give all columns the same number of dimensions per row, by leading dimensions of size 1.

    Raises:
        TraceError: Some per-row columns are ragged and others are not.
    """
    rows = [column for column in columns if column.node.per_row]
    if len({column.type.ragged for column in rows}) > 1:
        types = " and ".join(str(column.type) for column in rows)
        raise TraceError(f"cannot combine columns of {types}", hint="combine lists with lists or constants")
    rank = max(len(column.type.shape) for column in columns)
    return tuple(_with_rank(column, rank) for column in columns)


def _with_rank(column: Column, rank: int) -> Column:
    missing = rank - len(column.type.shape)
    if not missing or not column.node.per_row or column.type.ragged or column.type.is_string:
        return column
    return apply(make_op("reshape", (1,) * missing + column.type.shape), column)


def _as_columns(first: Column | Number, second: Column | Number) -> tuple[Column, Column]:
    one, other = (each if isinstance(each, Column) else constant(each) for each in (first, second))
    if one.type.is_timestamp or other.type.is_timestamp:
        hint = "use date_part, or elapsed(x, since=y) for the time between dates"
        raise TraceError("expected numbers, got dates", hint=hint)
    return one, other


def _apply_aligned(name: str, first: Column, second: Column) -> Column:
    return apply(make_op(name), *align(first, second))


def _arithmetic(name: str, first: Column | Number, second: Column | Number) -> Column:
    one, other = _as_columns(first, second)
    if one.type.is_string or other.type.is_string:
        return _apply_aligned(name, one, other)
    nodes = [one.node, other.node]
    dtype = common_dtype(nodes, arithmetic=True, true_division=name in ("divide", "power"))
    for column in (one, other):
        _check_range(column, dtype)
    if name == "subtract" and dtype == "float64" and (holds_64_bits(one.type) or holds_64_bits(other.type)):
        return subtract_exactly(one, other)
    return _apply_aligned(name, cast_to(one, dtype), cast_to(other, dtype))


def _check_range(column: Column, dtype: str) -> None:
    """Check that a constant does not overflow the type of its operation."""
    values = constant_values(column)
    if values is None or dtype == "bool" or not values.size:
        return
    lowest, highest = _find_range(dtype)
    numbers = [number for number in values.reshape(-1).tolist() if abs(number) < np.inf]
    if numbers and (min(numbers) < lowest or max(numbers) > highest):
        raise TraceError(f"{column.node} does not fit {dtype}", hint="cast the column to a wider type first")


@cache
def _find_range(dtype: str) -> tuple[Any, Any]:
    limits = np.finfo(dtype) if dtype.startswith("float") else np.iinfo(dtype)
    return limits.min, limits.max


def subtract_exactly(first: Column, second: Column) -> Column:
    """Subtract numbers of which float64 would round one before the difference is taken: float64."""
    if not first.type.is_integer:
        return -subtract_exactly(second, first)
    other = second if second.type.is_integer else cast_to(second, "float64")
    return _apply_aligned("integer_difference", first, other)


def _compare(name: str, first: Column | Number, second: Column | Number) -> Column:
    """Compare two columns at their own values; see `exact_constants`."""
    one, other = _as_columns(first, second)
    if one.type.is_string or other.type.is_string:
        return _apply_aligned(name, one, other)
    for column, limit, flipped in ((one, other, False), (other, one, True)):
        values = constant_values(limit)
        if values is not None and constant_values(column) is None:
            return _compare_with_constant(name, column, values, flipped)
    dtype = common_dtype([one.node, other.node])
    if dtype == "float64" and (holds_64_bits(one.type) or holds_64_bits(other.type)):
        return _apply_aligned(name, subtract_exactly(one, other), constant(np.float64(0)))
    return _apply_aligned(name, cast_to(one, dtype), cast_to(other, dtype))


def _compare_with_constant(name: str, column: Column, values: np.ndarray, flipped: bool) -> Column:
    if name == "equal":
        held, valid = exact_values(values, column.type.dtype)
        return _settle(_apply_aligned(name, column, constant(held)), never=~valid)
    if column.type.dtype == "bool":
        column = cast_to(column, "int8")
    values, above, below, missing = round_to_type(values, column.type.dtype, up=(name == "less") != flipped)
    pair = (constant(values), column) if flipped else (column, constant(values))
    always, never = (below, above) if flipped else (above, below)
    return _settle(_apply_aligned(name, *pair), never | missing, always)


def _settle(found: Column, never: np.ndarray, always: np.ndarray | None = None) -> Column:
    """Set the results that do not depend on the row."""
    if always is not None and always.any():
        found = _apply_aligned("logical_or", found, constant(always))
    return _apply_aligned("logical_and", found, constant(~never)) if never.any() else found


operators |= {
    **{name: partial(_arithmetic, name) for name in ("add", "subtract", "multiply", "divide", "power")},
    **{name: partial(_arithmetic, name) for name in ("floor_divide", "remainder")},
    **{f"bitwise_{name}": partial(_arithmetic, f"logical_{name}") for name in ("and", "or", "xor")},
    **{name: partial(_compare, name) for name in ("less", "less_equal", "equal")},
    "greater": lambda first, second: _compare("less", second, first),
    "greater_equal": lambda first, second: _compare("less_equal", second, first),
    "not_equal": lambda first, second: _compare("equal", first, second) == False,  # noqa: E712
}
