"""Constants at their own value: what compares with a column as a number does that its type cannot hold.

x < 1.5 is x < 2 for a column of integers, x == 1.5 is never true, and x < 300 is always true for uint8. Only
fractions below 2**24 are rounded where the column is float32: 0.1 means the float32 nearest to 0.1.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from headrace.columns import TIMESTAMP
from headrace.errors import TraceError

__all__ = ["Bounds", "as_numbers", "check_held", "exact_values", "round_to_type"]


def as_numbers(values: Any, what: str) -> np.ndarray:
    """Convert numbers to an array that holds every one: objects where integers and floats are mixed.

    Raises:
        TraceError: They are not numbers of at most 64 bits.
    """
    listed = values if isinstance(values, np.ndarray) else list(values)
    try:
        given = np.asarray(listed)
    except ValueError:  # rows of different lengths
        given = np.array([None])
    if not given.size:
        return np.empty(0)
    if given.dtype.kind not in "biuf":
        raise TraceError(f"{what} expects numbers, got {values!r:.100}", hint="pass numbers of one type")
    if given.dtype.kind == "f" and not isinstance(listed, np.ndarray):
        return np.array(listed, object)  # integers beyond 2**53 would be rounded
    return given


_MOST_FRACTIONS = 2**24  # beyond, float32 loses whole numbers


class Bounds(NamedTuple):
    """Numbers of a column's type to compare with, in place of others.

    Attributes:
        values: The numbers.
        above: Where the constant is above every value of the type; the number is then the largest one.
        below: Where the constant is below every value of the type.
        missing: Where the constant is NaN, with which every comparison is false; the number is then 0.
    """

    values: np.ndarray
    above: np.ndarray
    below: np.ndarray
    missing: np.ndarray


def round_to_type(values: np.ndarray, dtype: str, *, up: bool) -> Bounds:
    """Round each number to the nearest value of `dtype` at or above it, or at or below it.

    Args:
        values: Numbers of any type.
        dtype: The dtype of a column of numbers.
        up: Round up; otherwise down.

    Raises:
        TraceError: The column holds dates.
    """
    if dtype == TIMESTAMP:
        raise TraceError("expected a column of numbers, got dates", hint="use date_part or elapsed first")
    numbers = values.reshape(-1).tolist()
    missing = np.array([number != number for number in numbers], bool).reshape(values.shape)
    if dtype.startswith("float"):
        rounded = [_round_to_float(number, np.dtype(dtype).type, up) for number in numbers]
        none = np.zeros(values.shape, bool)
        return Bounds(np.array(rounded, dtype).reshape(values.shape), none, none, missing)
    limits = np.iinfo(dtype)
    whole = [_round_to_integer(number, up) for number in numbers]
    held = [int(min(max(number, limits.min), limits.max)) for number in whole]
    return Bounds(
        np.array(held, dtype).reshape(values.shape),
        np.array([number > limits.max for number in whole], bool).reshape(values.shape),
        np.array([number < limits.min for number in whole], bool).reshape(values.shape),
        missing,
    )


def _round_to_integer(number: Any, up: bool) -> Any:
    if isinstance(number, float) and not math.isfinite(number):
        return 0 if number != number else number
    return math.ceil(number) if up else math.floor(number)


def _round_to_float(number: Any, kind: Any, up: bool) -> Any:
    with np.errstate(over="ignore"):
        nearest = kind(number)
    if number != number or float(nearest) == number or (_is_small_fraction(number) and nearest != 0):
        return nearest
    if (float(nearest) < number) == up:
        return np.nextafter(nearest, kind(np.inf if up else -np.inf))
    return nearest


def _is_small_fraction(number: Any) -> bool:
    return isinstance(number, float) and abs(number) < _MOST_FRACTIONS and not number.is_integer()


def exact_values(values: np.ndarray, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers in a column's type, and where the type holds them; elsewhere they are 0."""
    if dtype == "bool":
        held = (values == 0) | (values == 1)
        return np.where(held, values, 0).astype(bool), held
    low, high = (round_to_type(values, dtype, up=up) for up in (False, True))
    held = (low.values == high.values) & ~(low.above | low.below | low.missing)
    return np.where(held, low.values, np.zeros((), dtype)), held


def check_held(values: np.ndarray, dtype: str, what: str) -> None:
    """Check that a column's type holds each number, apart from fractions that a float type rounds.

    Args:
        values: Numbers.
        dtype: The column's dtype.
        what: The constant, for the message.

    Raises:
        TraceError: It does not.
    """
    _, held = exact_values(values, dtype)
    if not (held | (values != values)).all() or (not dtype.startswith("float") and (values != values).any()):
        raise TraceError(f"{what} does not fit {dtype}", hint="cast the column to a wider type first")
