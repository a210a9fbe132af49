"""Tell one row from a table: a dict may hold one value per column, or one value per column and row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from headrace.errors import SchemaError, UsageError
from headrace.serving.signature import Input
from headrace.tables import tensor_to_numpy

__all__ = ["to_columns"]


def to_columns(data: Mapping[str, Any], inputs: Sequence[Input]) -> Mapping[str, Any]:
    """Return a dict of columns; one row becomes columns of one value.

    Which of both `data` is follows from the signature: a number for a column of numbers is one row, and so is
    a list of words for a column of lists of words.

    Raises:
        SchemaError: Some values are one row, others are columns.
        UsageError: All values are lists without values, which may be either.
    """
    rows, columns, unclear = list[str](), list[str](), list[str]()
    for each in inputs:
        if each.name not in data:
            continue
        rank = _rank(data[each.name])
        expected = _expected_rank(each, data[each.name])
        if rank is None or (rank == expected == 1 and _holds_nothing(data[each.name])):
            unclear.append(each.name)
        elif rank <= expected:
            rows.append(each.name)
        else:
            columns.append(each.name)
    if rows and columns:
        what = f"expected one value per column, as '{rows[0]}' has, got a list"
        hint = "pass lists of equal length for all columns, or one row, or a list of rows"
        raise SchemaError(what, feature=columns[0], hint=hint)
    if unclear and not rows and not columns and any(data[name] is not None for name in unclear):
        what = f"'{unclear[0]}' holds no values: one row, or a list per row?"
        raise UsageError(what, hint=f'pass a list of rows: [{{"{unclear[0]}": []}}], or a table')
    if columns:
        return data
    return {name: [_to_numpy(data[name])] for name in (*rows, *unclear)}


def _to_numpy(value: Any) -> Any:
    """Convert a tensor of torch; anything else is unchanged."""
    return tensor_to_numpy(value) if hasattr(value, "detach") else value


def _holds_nothing(values: Any) -> bool:
    return all(each is None for each in values)


def _expected_rank(column: Input, value: Any) -> int:
    """Return the number of dimensions of one value; encoded ones are bytes or text."""
    if column.encoding is not None and isinstance(_first(value), bytes | bytearray | memoryview | str):
        return 0
    return 0 if column.shape == (1,) else len(column.shape)  # a column of one number is taken, too


def _first(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return next((each for each in value if each is not None), None)
    return value


def _rank(value: Any) -> int | None:
    """Count the dimensions of a value; None for a missing one."""
    if value is None:
        return None
    if isinstance(value, str | bytes | bytearray | memoryview | int | float):
        return 0
    if isinstance(value, list | tuple):
        inner = [_rank(each) for each in value[:8]]
        return 1 + next((each for each in inner if each is not None), 0)
    dimensions = getattr(value, "ndim", None)
    if isinstance(dimensions, int):
        return dimensions + (1 if dimensions and _holds_lists(value) else 0)
    return 1 if hasattr(value, "__len__") and hasattr(value, "__getitem__") else 0


def _holds_lists(array: Any) -> bool:
    """Whether an array of objects, as of pandas, holds lists."""
    is_objects = str(getattr(array, "dtype", "")) == "object" and len(array)
    first = next((each for each in array if each is not None), None) if is_objects else None
    return isinstance(first, list | tuple) or (getattr(first, "ndim", 0) or 0) > 0
