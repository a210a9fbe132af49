"""The fast path of a request: a list of dicts of plain Python values, converted without Arrow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from headrace.serving.feed.one_dict import EXACT, LARGEST
from headrace.serving.signature import Input

__all__ = ["PlainRows"]

Convert = Callable[[list[Any]], np.ndarray | None]


class PlainRows:
    """Converts rows whose values have the types of the model; `feed` leaves any others to `Feeder`.

    Args:
        inputs: The raw columns that the model reads.
    """

    def __init__(self, inputs: Sequence[Input]) -> None:
        self._converters = [(each.name, each.tensors[0], _choose_converter(each)) for each in inputs]
        self._is_possible = all(convert is not None for _, _, convert in self._converters)

    def feed(self, rows: list[Any]) -> dict[str, np.ndarray] | None:
        """Convert rows to tensors by name; None if a value needs a cast, is absent, or may be wrong."""
        if not self._is_possible or not rows or any(type(row) is not dict for row in rows):
            return None
        feeds = dict[str, np.ndarray]()
        for name, tensor, convert in self._converters:
            try:
                value = convert([row[name] for row in rows])  # pyright: ignore[reportOptionalCall]
            except (KeyError, OverflowError):
                return None
            if value is None:
                return None
            feeds[tensor] = value
        return feeds


def _choose_converter(column: Input) -> Convert | None:
    if column.encoding is not None or column.shape or len(column.tensors) != 1:
        return None
    if column.type in LARGEST:
        return _make_float_converter(column)
    if column.type.startswith(("int", "uint")):
        return _make_integer_converter(column.type)
    return {"string": _convert_texts, "bool": _convert_booleans}.get(column.type)


def _make_float_converter(column: Input) -> Convert:
    largest, default, dtype = LARGEST[column.type], column.default, np.dtype(column.type)

    def convert(values: list[Any]) -> np.ndarray | None:
        kinds = set(map(type, values))
        if not kinds <= {float, int, type(None)}:
            return None
        if type(None) in kinds:
            values = [np.nan if value is None else value for value in values]
        array = np.array(values, np.float64)
        missing, magnitudes = np.isnan(array), np.abs(array)
        if not ((magnitudes <= largest) | missing).all():
            return None
        if int in kinds and (magnitudes >= EXACT).any():  # an integer may have been rounded
            return None
        array = array.astype(dtype)
        if default is not None and missing.any():
            array[missing] = default
        return array

    return convert


def _make_integer_converter(dtype: str) -> Convert:
    limits = np.iinfo(dtype)
    lowest, highest = int(limits.min), int(limits.max)

    def convert(values: list[Any]) -> np.ndarray | None:
        if set(map(type, values)) != {int} or min(values) < lowest or max(values) > highest:
            return None
        return np.array(values, dtype)

    return convert


def _convert_booleans(values: list[Any]) -> np.ndarray | None:
    return np.array(values, bool) if set(map(type, values)) == {bool} else None


def _convert_texts(values: list[Any]) -> np.ndarray | None:
    if set(map(type, values)) != {str}:
        return None
    text = "\n".join(values)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:  # half of a surrogate pair
            return None
    return np.array(values, object)
