"""The fast path of one row: a dict of plain Python values, converted without Arrow."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from headrace.columns import MISSING_DATE, TIMESTAMP, date_to_microseconds
from headrace.errors import SchemaError
from headrace.serving.signature import Input

__all__ = ["EXACT", "LARGEST", "OneDict"]

EXACT = 2**53  # float64 holds all integers up to here
LARGEST = {"float16": 65504.0, "float32": 3.4028234663852886e38, "float64": float("inf")}

Check = Callable[[Any], bool]


class OneDict:
    """Converts a row whose values have exactly the types of the model; `feed` leaves any other to `Feeder`.

    Args:
        inputs: The raw columns that the model reads.
    """

    def __init__(self, inputs: Sequence[Input]) -> None:
        converters = [(each, _make_converter(each)) for each in inputs]
        self._is_possible = all(converter is not None for _, converter in converters)
        self._converters = [
            (each.name, each.tensors[0], each.tensors[1:], converter) for each, converter in converters
        ]

    def feed(self, row: dict[str, Any]) -> dict[str, np.ndarray] | None:
        """Convert a row to tensors by name; None if it needs a cast, or may be wrong."""
        if not self._is_possible:
            return None
        feeds = dict[str, np.ndarray]()
        for name, tensor, splits, converter in self._converters:
            if name not in row:
                return None
            value = converter(row[name])  # pyright: ignore[reportOptionalCall]
            if value is None:
                return None
            feeds[tensor] = value
            if splits:
                feeds[splits[0]] = np.array((0, len(value)), np.int64)
        return feeds


def _make_converter(column: Input) -> Callable[[Any], np.ndarray | None] | None:
    """Make a function that converts a value to an array of one row, or returns None; None without one."""
    is_ragged = len(column.tensors) == 2
    if column.encoding is not None:
        return None
    if column.shape and not is_ragged:
        return _make_array_converter(column)
    if column.type == TIMESTAMP:
        return _convert_date if column.default is None and not is_ragged else None
    check = _make_check(column)
    if check is None:
        return None
    dtype = np.dtype(object if column.type == "string" else column.type)

    def convert_one(value: Any) -> np.ndarray | None:
        return np.array((value,), dtype) if check(value) else None

    def convert_list(value: Any) -> np.ndarray | None:
        is_plain = type(value) is list and value and all(map(check, value))
        return np.array(value, dtype) if is_plain else None

    return convert_list if is_ragged else convert_one


def _convert_date(value: Any) -> np.ndarray | None:
    if value is None:
        return np.array((MISSING_DATE,), np.int64)
    if type(value) not in (str, datetime.datetime, datetime.date):
        return None
    try:
        return np.array((date_to_microseconds(value),), np.int64)
    except SchemaError:
        return None


def _make_array_converter(column: Input) -> Callable[[Any], np.ndarray | None]:
    dtype, shape = column.type, column.shape

    def convert(value: Any) -> np.ndarray | None:
        if type(value) is not np.ndarray or value.dtype != dtype or value.ndim != len(shape):
            return None
        fits = all(size is None or size == found for size, found in zip(shape, value.shape, strict=True))
        return np.ascontiguousarray(value)[None] if fits else None

    return convert


def _make_check(column: Input) -> Check | None:
    """Make a function that says whether a value needs no cast, and no check that `Feeder` makes."""
    if column.type in LARGEST:
        return _make_float_check(LARGEST[column.type], column.default is not None)
    if column.type == "string":
        return _is_text
    if column.type == "bool":
        return _is_bool
    if column.type.startswith(("int", "uint")):
        limits = np.iinfo(column.type)
        lowest, highest = int(limits.min), int(limits.max)
        return lambda value: type(value) is int and lowest <= value <= highest
    return None


def _make_float_check(largest: float, has_default: bool) -> Check:
    def check(value: Any) -> bool:
        if type(value) is float:
            return -largest <= value <= largest or (value != value and not has_default)
        return type(value) is int and -EXACT <= value <= EXACT and -largest <= value <= largest

    return check


def _is_bool(value: Any) -> bool:
    return type(value) is bool


def _is_text(value: Any) -> bool:
    if type(value) is not str:
        return False
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True
