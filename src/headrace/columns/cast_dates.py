"""Cast values to dates; see `cast`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns.arrays import column_type
from headrace.columns.dates import MISSING_DATE, date_to_microseconds, parse_dates, to_microseconds
from headrace.columns.wrong_value import wrong_value
from headrace.errors import SchemaError

__all__ = ["cast_dates"]


def cast_dates(values: pa.Array, name: str, default: Any, find_row: Callable[[int], int]) -> np.ndarray:
    """Cast dates, times and ISO strings to int64 microseconds; the empty string is missing.

    Args:
        values: The values, without dictionaries.
        name: The column, for messages.
        default: What a missing value becomes: a date or its ISO string; None is `MISSING_DATE`.
        find_row: Returns the row of a value by its place, for messages.

    Raises:
        SchemaError: A string that is not a date, or a date outside the years 1 to 9999; it names the row.
    """
    type_ = values.type
    if pa.types.is_floating(type_) and np.isnan(values.fill_null(np.nan).to_numpy()).all():
        values, type_ = pa.nulls(len(values), pa.string()), pa.string()  # how pandas holds a missing column
    if pa.types.is_integer(type_) or pa.types.is_floating(type_):
        hint = "pass a datetime, such as numpy.datetime64(value, 's'), or an ISO string"
        what = f"expected dates, got numbers ({type_}) without a unit"
        raise SchemaError(what, feature=name or None, hint=hint)
    kind = column_type(pa.field(name, type_))
    if kind.is_timestamp:
        found = to_microseconds(values, name, find_row)
    elif kind.is_string:
        found = _parse(values.cast(pa.string()).fill_null(""), name, find_row)
    else:
        raise SchemaError(f"expected dates, got {type_}", feature=name or None, hint="pass an ISO string")
    return found if default is None else np.where(found == MISSING_DATE, date_to_microseconds(default), found)


def _parse(strings: pa.StringArray, name: str, find_row: Callable[[int], int]) -> np.ndarray:
    found = parse_dates(strings)
    wrong = found == MISSING_DATE
    if wrong.any():
        for index in np.flatnonzero(wrong).tolist():
            if text := strings[index].as_py().strip():
                what = f"expected a date, got {text[:60]!r}"
                hint = "write ISO 8601, such as 2024-02-29 or 2024-02-29T10:15:30Z"
                raise wrong_value(what, find_row(index), name, hint)
    return found
