"""Two executions' values held against each other, by the skew rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import ColumnType, Ragged

__all__ = ["Comparison", "check_type", "compare"]


@dataclass(frozen=True)
class Comparison:
    """What came of comparing values with NumPy's.

    Attributes:
        values: How many were compared.
        mismatches: How many differ by more than they may.
        ulps: The largest distance of two floats, in units in the last place; infinite from NaN to a number.
        first: The first mismatch in words, with its row's inputs.
    """

    values: int = 0
    mismatches: int = 0
    ulps: float = 0
    first: str = ""

    def __add__(self, other: Comparison) -> Comparison:
        return Comparison(
            self.values + other.values,
            self.mismatches + other.mismatches,
            max(self.ulps, other.ulps),
            self.first or other.first,
        )


def check_type(type_: ColumnType, value: Any) -> None:
    """Raises AssertionError if a value is not of the type that the op's type rule says."""
    flat = value.values if isinstance(value, Ragged) else value
    assert isinstance(value, Ragged) == type_.ragged, f"{type_} by its type rule"
    if type_.is_string:
        assert isinstance(flat, pa.Array), f"{type_} by its type rule"
    else:
        found = (str(flat.dtype), flat.shape[1:])
        assert found == (type_.dtype, type_.shape), f"{type_} by its type rule, but gave {found}"


def compare(inputs: Mapping[str, Any], expected: Any, found: Any, ulps: int = 0) -> Comparison:
    """Integers, strings and shapes must be equal, floats have equal bits or be no more than `ulps` apart."""
    if isinstance(expected, Ragged):
        splits = (np.asarray(expected.row_splits), np.asarray(found.row_splits))
        if splits[1].dtype != np.int64 or not np.array_equal(*splits):
            return _all_wrong(_plain(expected.values), "rows of other lengths")
        return compare(inputs, expected.values, found.values, ulps)
    expected, found = _plain(expected), _plain(found)
    if (expected.dtype, expected.shape) != (found.dtype, found.shape):
        return _all_wrong(
            expected, f"{found.dtype}{list(found.shape)} for {expected.dtype}{list(expected.shape)}"
        )
    apart = _distances(expected, found)
    differing = np.flatnonzero(apart > ulps if ulps else ~_identical(expected, found))
    worst = float(apart.max(initial=0)) if expected.dtype.kind == "f" else 0
    first = _difference(inputs, expected, found, differing[0]) if len(differing) else ""
    return Comparison(expected.size, len(differing), worst, first)


def _all_wrong(expected: np.ndarray, why: str) -> Comparison:
    return Comparison(expected.size, max(1, expected.size), 0, why)


def _plain(values: Any) -> np.ndarray:
    return np.array(values.to_pylist(), object) if isinstance(values, pa.Array) else np.asarray(values)


def _difference(inputs: Mapping[str, Any], expected: np.ndarray, found: np.ndarray, flat: int) -> str:
    at = np.unravel_index(flat, expected.shape)
    row = {name: _at(value, at, expected.shape) for name, value in inputs.items()}
    return f"at {row!r:.300} NumPy gives {expected[at]!r:.300}, not {found[at]!r:.300}"


def _at(value: Any, at: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
    flat = _plain(value.values if isinstance(value, Ragged) else value)
    return flat[at] if flat.shape == shape else flat[at[0]] if len(flat) == shape[0] else "see the batch"


def _identical(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Whether each two values are the same; one NaN is as good as another, but -0.0 is not 0.0."""
    if first.dtype.kind != "f":
        return np.asarray(first == second, bool).reshape(-1)
    both_nan = np.isnan(first) & np.isnan(second)
    return (both_nan | (_bits(first) == _bits(second))).reshape(-1)


def _distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """How many steps from float to next float lie between each two; 0 everywhere for other types."""
    if first.dtype.kind != "f":
        return np.zeros(first.size)
    places = [_places(first), _places(second)]
    near = (places[0] < 0) == (places[1] < 0)  # else the difference may not fit
    apart = np.where(near, np.abs(places[0] - places[1]), np.abs(np.subtract(*places, dtype=np.float64)))
    nans = np.isnan(first).astype(int) + np.isnan(second)
    return np.where(nans == 2, 0, np.where(nans == 1, np.inf, apart)).reshape(-1)


def _places(values: np.ndarray) -> np.ndarray:
    """Each float's place in the order of all floats, the zeros at 0."""
    bits = _bits(values)
    return np.where(bits < 0, np.iinfo(bits.dtype).min - bits, bits).astype(np.int64)


def _bits(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values).view(f"i{values.dtype.itemsize}")
