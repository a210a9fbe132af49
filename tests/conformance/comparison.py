"""Comparison of the values of two runtimes by the skew rule."""

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
    """The result of a comparison with NumPy.

    Attributes:
        values: The number of values compared.
        mismatches: The number of values that differ by more than is allowed.
        ulps: The largest distance of two floats, in units in the last place; infinite from NaN to a number.
        first: A description of the first mismatch, with the inputs of its row.
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
    """Check that a value has the type that the op infers.

    Raises:
        AssertionError: It does not.
    """
    flat = value.values if isinstance(value, Ragged) else value
    assert isinstance(value, Ragged) == type_.ragged, f"{type_} by its type rule"
    if type_.is_string:
        assert isinstance(flat, pa.Array), f"{type_} by its type rule"
    else:
        found = (str(flat.dtype), flat.shape[1:])
        assert found == (type_.tensor_dtype, type_.shape), f"expected {type_} by its type rule, got {found}"


def compare(inputs: Mapping[str, Any], expected: Any, found: Any, ulps: int = 0) -> Comparison:
    """Compare values: integers, strings and shapes must be equal, floats identical or within `ulps`."""
    if isinstance(expected, Ragged):
        splits = (np.asarray(expected.row_splits), np.asarray(found.row_splits))
        if splits[1].dtype != np.int64 or not np.array_equal(*splits):
            return _all_wrong(_plain(expected.values), "rows of different lengths")
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
    return f"at {row!r:.300}: expected {expected[at]!r:.300} as NumPy, got {found[at]!r:.300}"


def _at(value: Any, at: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
    flat = _plain(value.values if isinstance(value, Ragged) else value)
    return flat[at] if flat.shape == shape else flat[at[0]] if len(flat) == shape[0] else "see the batch"


def _identical(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Test whether values are identical: all NaNs are equal, -0.0 differs from 0.0."""
    if first.dtype.kind != "f":
        return np.asarray(first == second, bool).reshape(-1)
    both_nan = np.isnan(first) & np.isnan(second)
    return (both_nan | (_bits(first) == _bits(second))).reshape(-1)


def _distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Count the steps between neighbouring floats from each value to the other; 0 for other types."""
    if first.dtype.kind != "f":
        return np.zeros(first.size)
    places = [_places(first), _places(second)]
    near = (places[0] < 0) == (places[1] < 0)  # else the difference may not fit
    apart = np.where(near, np.abs(places[0] - places[1]), np.abs(np.subtract(*places, dtype=np.float64)))
    nans = np.isnan(first).astype(int) + np.isnan(second)
    return np.where(nans == 2, 0, np.where(nans == 1, np.inf, apart)).reshape(-1)


def _places(values: np.ndarray) -> np.ndarray:
    """Number each float in the order of all floats; both zeros are 0."""
    bits = _bits(values)
    return np.where(bits < 0, np.iinfo(bits.dtype).min - bits, bits).astype(np.int64)


def _bits(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values).view(f"i{values.dtype.itemsize}")
