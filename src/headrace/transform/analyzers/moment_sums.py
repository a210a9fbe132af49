"""The sums from which mean and variance are computed, in twice the precision of float64.

Values are taken relative to an origin and times a power of two: (x - origin) * 2**exponent. Both are 0 unless
digits would be lost otherwise. The origin is one of the values if these are integers beyond 2**53. The
exponent is -600 where squares would overflow, and 600 where they would underflow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from headrace import _native
from headrace.transform.analyzers.double_double import DoubleDouble

__all__ = ["MomentSums", "add_up", "join_sums", "merge_sums"]

FIELDS = 10  # of a state
_PLAIN = 7  # fields of the kernel: all but the origin and the exponent
_EXPONENT = 600
_MODERATE = 2**40  # squares of integers up to this are exact sums
_LARGE, _SMALL = 2.0**900, 2.0**-860  # squares between these lose nothing


class MomentSums(NamedTuple):
    """Sums over all values of weight w (1 without weights), for d = (x - origin) * 2**exponent.

    Attributes:
        weight: The sum of w; without weights, the number of values.
        sum: The sum of w * d over finite values.
        squares: The sum of w * d * d over finite values.
        infinities: The sum of the infinite values: 0, infinite, or NaN if both signs occur.
        origin: See the module.
        exponent: See the module.
    """

    weight: DoubleDouble
    sum: DoubleDouble
    squares: DoubleDouble
    infinities: np.ndarray
    origin: DoubleDouble
    exponent: np.ndarray

    @classmethod
    def from_state(cls, state: np.ndarray) -> MomentSums:
        """Read the sums from a state [..., fields]."""
        weight, total, squares, origin = (
            DoubleDouble(state[..., i], state[..., i + 1]) for i in (0, 2, 4, 7)
        )
        return cls(weight, total, squares, state[..., 6], origin, state[..., 9].astype(np.int64))

    def to_state(self) -> np.ndarray:
        """Convert the sums to a state [..., fields]."""
        first = [part for pair in (self.weight, self.sum, self.squares) for part in pair]
        return np.stack([*first, self.infinities, *self.origin, self.exponent.astype(np.float64)], axis=-1)

    def merge(self, other: MomentSums) -> MomentSums:
        """Return the sums over the values of both."""
        if not (
            self.exponent.any() or other.exponent.any() or self.origin.high.any() or other.origin.high.any()
        ):
            return self._add(other)
        exponent = np.minimum(self.exponent, other.exponent)  # the larger values decide, unless all are 0
        exponent = np.where(self.squares.high == 0, other.exponent, exponent)
        exponent = np.where(other.squares.high == 0, self.exponent, exponent)
        empty = self.weight.high == 0
        origin = DoubleDouble(
            *(np.where(empty, b, a) for a, b in zip(self.origin, other.origin, strict=True))
        )
        first, second = (each._scale(exponent)._move(origin) for each in (self, other))
        return first._add(second)

    def _add(self, other: MomentSums) -> MomentSums:
        weight, total = self.weight.add(other.weight), self.sum.add(other.sum)
        squares = self.squares.add(other.squares)
        infinities = self.infinities + other.infinities
        shape = infinities.shape
        origin = DoubleDouble(*(np.broadcast_to(part, shape) for part in self.origin))
        exponent = np.broadcast_to(self.exponent, shape)
        return MomentSums(weight, total, squares, infinities, origin, exponent)

    def _scale(self, exponent: np.ndarray) -> MomentSums:
        change = exponent - self.exponent
        return self._replace(
            sum=self.sum.scale(change), squares=self.squares.scale(2 * change), exponent=exponent
        )

    def _move(self, origin: DoubleDouble) -> MomentSums:
        step = self.origin.add(origin.negate())
        weighted = step.multiply(self.weight)
        twice = step.multiply(self.sum).scale(np.ones_like(self.exponent))
        squares = self.squares.add(twice).add(weighted.multiply(step))
        return self._replace(sum=self.sum.add(weighted), squares=squares, origin=origin)

    def exact_total(self) -> DoubleDouble:
        """Compute the sum of w * x over finite values."""
        return self.sum.scale(-self.exponent).add(self.origin.multiply(self.weight))

    def exact_mean(self) -> DoubleDouble:
        """Compute the mean of the finite values."""
        return self.sum.divide(self.weight).scale(-self.exponent).add(self.origin)

    def scaled_variance(self) -> np.ndarray:
        """Compute the variance of the finite values times 2**(2 * exponent)."""
        center = self.sum.divide(self.weight)
        distances = self.squares.add(self.sum.multiply(center).negate())
        variance = np.maximum(distances.divide(self.weight).to_float64(), 0.0)
        return np.where(np.isinf(self.squares.high), np.inf, variance)


def merge_sums(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the state [..., fields] of the values of both states."""
    if not (_is_plain(first) and _is_plain(second)):
        return MomentSums.from_state(first).merge(MomentSums.from_state(second)).to_state()
    sums = _read_plain(first).add(_read_plain(second))
    state = np.zeros((*sums.high.shape[:-1], FIELDS))
    state[..., 0:6:2], state[..., 1:6:2] = sums
    state[..., 6] = first[..., 6] + second[..., 6]
    return state


def join_sums(stacks: Sequence[np.ndarray], places: np.ndarray, groups: int) -> np.ndarray | None:
    """Merge stacks as `Accumulator.join_stacks` does; None if a state has an origin or an exponent."""
    if not all(map(_is_plain, stacks)):
        return None
    shape = stacks[0].shape[1:]
    width = math.prod(shape[:-1])
    joined, start = np.zeros((groups, width, FIELDS)), 0
    for stack in stacks:
        there = places[start : start + len(stack)]
        _native.merge_moments(joined, stack.reshape(len(stack), width, FIELDS), there)
        start += len(stack)
    return joined.reshape(groups, *shape)


def _is_plain(state: np.ndarray) -> bool:
    return not state[..., _PLAIN:].any()


def _read_plain(state: np.ndarray) -> DoubleDouble:
    """Read the weight, the sum and the sum of squares as one array."""
    return DoubleDouble(state[..., 0:6:2], state[..., 1:6:2])


def add_up(
    values: np.ndarray, codes: np.ndarray | None, groups: int, weights: np.ndarray | None
) -> np.ndarray:
    """Compute the state of each group and place: float64 [groups * places, fields].

    See `ArrayAccumulator.kernel` for the arguments.
    """
    if str(values.dtype) in ("int64", "uint64") and values.size and _are_large(values):
        return _add_up_integers(values, codes, groups, weights)
    state = _plain_state(values, codes, groups, weights)
    if values.dtype != np.float64:
        return state
    squares = state[:, 4]
    large = ~(squares < _LARGE)
    small = (squares < _SMALL) & (state[:, 0] > 0)
    for is_out, exponent in ((large, -_EXPONENT), (small, _EXPONENT)):
        if is_out.any():
            scaled = _plain_state(np.ldexp(values, exponent), codes, groups, weights)
            scaled[:, 9] = exponent
            state = np.where((is_out & (scaled[:, 4] > 0))[:, None], scaled, state)
    return state


def _are_large(values: np.ndarray) -> bool:
    return int(values.max()) > _MODERATE or int(values.min()) < -_MODERATE


def _plain_state(values: np.ndarray, codes: Any, groups: int, weights: Any) -> np.ndarray:
    state = np.zeros((groups * values.shape[1], FIELDS))
    state[:, :_PLAIN] = _native.moments(values, codes, groups, weights).reshape(-1, _PLAIN)
    return state


def _add_up_integers(values: np.ndarray, codes: Any, groups: int, weights: Any) -> np.ndarray:
    """Compute the state relative to the first value of each group and place."""
    first = np.zeros((groups, values.shape[1]), values.dtype)
    first[0 if codes is None else codes[::-1]] = values[0] if codes is None else values[::-1]
    base = first if codes is None else first[codes]
    high = (_high(values) - _high(base)) * 2.0**32
    low = _low(values) - _low(base)
    distance = high + low
    state = _plain_state(distance, codes, groups, weights)
    rest = low - (distance - high)
    if rest.any():
        sums = MomentSums.from_state(state)
        lost, products = (
            MomentSums.from_state(_plain_state(each, codes, groups, weights)).sum
            for each in (rest, 2 * distance * rest)
        )
        state = sums._replace(sum=sums.sum.add(lost), squares=sums.squares.add(products)).to_state()
    top, bottom = _high(first).reshape(-1) * 2.0**32, _low(first).reshape(-1)
    state[:, 7] = top + bottom
    state[:, 8] = bottom - (state[:, 7] - top)
    return state


def _high(integers: np.ndarray) -> np.ndarray:
    return (integers >> np.array(32, integers.dtype)).astype(np.float64)


def _low(integers: np.ndarray) -> np.ndarray:
    return (integers & np.array(2**32 - 1, integers.dtype)).astype(np.float64)
