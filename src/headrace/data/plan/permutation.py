"""Random permutations that are the same on every platform, and can be evaluated anywhere.

Up to 65,536 numbers, a permutation is drawn uniformly (`random_order`). Beyond, it is a keyed Feistel network
over the next power of four, with cycle walking: it needs no memory, and any place is known at once.
Source: Black and Rogaway, "Ciphers with arbitrary finite domains", 2002.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from headrace.random_order import random_order, random_source

__all__ = ["permute"]

_LARGEST_DRAWN = 1 << 16
_ROUNDS = 8
_MULTIPLIERS = (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53))  # of MurmurHash3's finalizer
_SHIFT = np.uint64(33)


def permute(positions: NDArray[np.int64], size: int, *seed: int) -> NDArray[np.int64]:
    """Map positions in [0, size), int64 [n], through a random permutation of the numbers below `size`.

    Args:
        positions: The positions to map.
        size: The size of the permutation.
        seed: Numbers of 0 or more that select the permutation.
    """
    if size <= _LARGEST_DRAWN:
        return _drawn(size, seed)[positions]
    half = ((size - 1).bit_length() + 1) // 2
    keys = random_source(*seed).random_raw(_ROUNDS)
    values = _encrypt(positions.astype(np.uint64), half, keys)
    outside = np.flatnonzero(values >= size)
    while len(outside):
        values[outside] = _encrypt(values[outside], half, keys)
        outside = outside[values[outside] >= size]
    return values.astype(np.int64)


@lru_cache(maxsize=8)
def _drawn(size: int, seed: tuple[int, ...]) -> NDArray[np.int64]:
    order = random_order(size, random_source(*seed))
    order.flags.writeable = False
    return order


def _encrypt(values: NDArray[np.uint64], half: int, keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Run the Feistel network on numbers of 2 x `half` bits."""
    width = np.uint64(half)
    mask = np.uint64((1 << half) - 1)
    left, right = values >> width, values & mask
    for key in keys:
        mixed = right ^ key
        for multiplier in _MULTIPLIERS:
            mixed ^= mixed >> _SHIFT
            mixed *= multiplier
        left, right = right, left ^ ((mixed >> _SHIFT) & mask)
    return (left << width) | right
