"""Join strings: all of a list, or those of each group."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op

__all__ = ["find", "join_all", "join_groups"]

Var = Any

_MOST_ROUNDS = 64
_SEVERAL = 8  # a power of 2; each round of a loop takes as long as copying hundreds of strings


def find(condition: Var) -> Var:
    """Find the places where a condition [n] holds: int64 [k]."""
    return op.reshape(op.non_zero(condition), op.const(np.array([-1])))


def join_all(strings: Var) -> Var:
    """Join strings [n], n > 0, to one [1], several neighbours at a time until one is left."""
    return op.loop(
        op.const(np.array([_MOST_ROUNDS])),
        op.greater(op.shape(strings), op.const(np.array([1]))),
        v_initial=[strings],
        body=lambda _round, _go_on, each: _join_several(each),
    )[0]


def _join_several(strings: Var) -> list[Var]:
    """Join neighbours: return whether more than one string is left, and the strings."""
    size, zero, several = op.shape(strings), op.const(np.array([0])), op.const(np.array([_SEVERAL]))
    missing = op.mod(op.sub(zero, size), several)
    padded = op.concat([strings, op.expand(op.const(np.array([""])), missing)], axis=0)
    end = op.const(np.array([2**62]))
    parts = [op.slice(padded, op.const(np.array([n])), end, zero, several) for n in range(_SEVERAL)]
    while len(parts) > 1:
        parts = [op.string_concat(*pair) for pair in zip(parts[::2], parts[1::2], strict=True)]
    return [op.greater(size, several), parts[0]]


def join_groups(strings: Var, position: Var) -> Var:
    """Join the strings of each group, pairwise until one of each is left.

    Args:
        strings: [n], n > 0, the groups one after another.
        position: The position of each string in its group, int64 [n].
    """
    return op.loop(
        op.const(np.array([_MOST_ROUNDS])),
        op.greater(op.reduce_max(position), op.const(np.array([0]))),
        v_initial=[strings, position],
        body=lambda _round, _go_on, each, position: _join_neighbours(each, position),
    )[0]


def _join_neighbours(strings: Var, position: Var) -> list[Var]:
    """Join each string at an odd position with the one before it."""
    one, two = op.const(np.array([1])), op.const(np.array([2]))
    is_even = op.equal(op.mod(position, two), op.const(np.array([0])))
    second = find(op.not_(is_even))
    first = op.sub(second, one)
    pairs = op.string_concat(op.gather(strings, first), op.gather(strings, second))
    numbers = op.cumsum(op.cast(is_even, to=np.int64), op.const(np.int64(0)))
    places = op.sub(op.gather(numbers, first), one)
    joined = op.scatter_elements(op.compress(strings, is_even), places, pairs)
    return [
        op.greater(op.reduce_max(position), one),
        joined,
        op.div(op.compress(position, is_even), two),
    ]
