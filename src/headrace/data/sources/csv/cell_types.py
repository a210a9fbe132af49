"""The types of CSV columns, from the kinds of their cells.

    cells                                                       type
    integers of int64, none missing                             int64
    integers of at most 2**53, some missing                     float64
    other integers of int64, some missing                       int64, with nulls
    integers of uint64, some beyond int64                       uint64
    numbers, any integer among them at most 2**53               float64
    true and false (True, TRUE), none missing                   bool
    anything else                                               string

Digits after a zero (`01234`) or a plus sign are text. A missing value is an empty field, one of spaces and
tabs alone, or a word such as NA, N/A, NaN, null or None (see `missing_cells`), with or without spaces around
it. Dates are read as strings. Quotes change nothing.
"""

from __future__ import annotations

import pyarrow as pa

from headrace._native import CellKind

__all__ = ["ANY_KIND", "NOT_HUGE", "allowed_kinds", "column_type"]

ANY_KIND = 0xFFFF
NOT_HUGE = ANY_KIND & ~CellKind.HUGE_FLOAT  # what a declared float may be: it does not become infinite

_INT64 = CellKind.EXACT_INTEGER | CellKind.LONG_INTEGER | CellKind.NEGATIVE_INTEGER
_UINT64 = CellKind.EXACT_INTEGER | CellKind.LONG_INTEGER | CellKind.UNSIGNED_INTEGER
_FLOAT64 = CellKind.EXACT_INTEGER | CellKind.NEGATIVE_INTEGER | CellKind.FLOAT
_ALLOWED = {
    pa.bool_(): CellKind.BOOLEAN | CellKind.MISSING,
    pa.int64(): _INT64 | CellKind.MISSING,
    pa.uint64(): _UINT64 | CellKind.MISSING,
    pa.float64(): _FLOAT64 | CellKind.MISSING,
}


def column_type(seen: int) -> pa.DataType:
    """Return the type of a column whose cells are of the kinds `seen`, bits of `CellKind`.

    >>> column_type(CellKind.EXACT_INTEGER | CellKind.FLOAT)
    DataType(double)
    """
    present = seen & ~CellKind.MISSING
    if not present:
        return pa.string()
    if seen == CellKind.BOOLEAN:
        return pa.bool_()
    has_missing = seen != present
    is_exact = not present & ~_FLOAT64
    if is_exact and (has_missing or present & CellKind.FLOAT):
        return pa.float64()
    if not present & ~_INT64:
        return pa.int64()
    return pa.string() if present & ~_UINT64 else pa.uint64()


def allowed_kinds(type_: pa.DataType) -> int:
    """Return the kinds of the cells that a column of an inferred type holds unchanged."""
    return _ALLOWED.get(type_, ANY_KIND)
