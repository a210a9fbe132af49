"""Values of rows as short texts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

__all__ = ["describe_row", "describe_value"]

_MOST_CHARACTERS = 80
_MOST_ITEMS = 6
_MOST_COLUMNS = 20


def describe_row(batch: pa.RecordBatch, row: int) -> dict[str, str]:
    """Describe the values of a row, by column; of many columns, the first 20."""
    names = batch.schema.names[:_MOST_COLUMNS]
    return {name: describe_value(batch.column(at)[row]) for at, name in enumerate(names)}


def describe_value(value: Any) -> str:
    """Describe a value: a number, a string or a list, of Arrow, NumPy or Python; long ones are cut.

    >>> describe_value(np.float32(0.1)), describe_value("x" * 100)[-20:], describe_value(list(range(9)))
    ('0.1', "xxx... (100 letters)", '[0, 1, 2, 3, 4, 5, ... (9 values)]')
    """
    if isinstance(value, pa.ExtensionScalar):
        value = value.value
    if isinstance(value, pa.ListScalar | pa.LargeListScalar | pa.FixedSizeListScalar):
        return "missing" if value.values is None else _describe_list(value.values, len(value.values))
    if isinstance(value, pa.Scalar):
        value = value.as_py()
    if isinstance(value, np.ndarray):
        return _describe_list(value.tolist(), len(value)) if value.ndim else describe_value(value[()])
    if isinstance(value, list | tuple):
        return _describe_list(value, len(value))
    if value is None:
        return "missing"
    if isinstance(value, bytes):
        return f"{len(value):,} bytes" if len(value) > _MOST_CHARACTERS else repr(value)
    if isinstance(value, str):
        text = repr(value[:_MOST_CHARACTERS])
        return f"{text}... ({len(value):,} letters)" if len(value) > _MOST_CHARACTERS else text
    return str(value)


def _describe_list(values: Iterable[Any], count: int) -> str:
    shown = [describe_value(each) for each, _ in zip(values, range(_MOST_ITEMS), strict=False)]
    return "[" + ", ".join([*shown, *([f"... ({count:,} values)"] if count > _MOST_ITEMS else [])]) + "]"
