"""Random permutations that are the same on every platform, and can be evaluated anywhere.

Up to 16,384 numbers, a permutation is drawn uniformly (`random_order`). Beyond, it is a keyed Feistel network
over the next power of four, with cycle walking: it needs no memory, and any place is known at once.
Source: Black and Rogaway, "Ciphers with arbitrary finite domains", 2002.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from headrace import _native
from headrace.random_order import random_order, shuffle_source

__all__ = ["permute"]

_LARGEST_DRAWN = 1 << 14
_ROUNDS = 8


def permute(positions: NDArray[np.int64], size: int, *seed: int) -> NDArray[np.int64]:
    """Map positions in [0, size), int64 [n], through a random permutation of the numbers below `size`.

    Args:
        positions: The positions to map.
        size: The size of the permutation.
        seed: Numbers of 0 or more that select the permutation.
    """
    if size <= _LARGEST_DRAWN:
        return _drawn(size, seed)[positions]
    return _native.permute(np.ascontiguousarray(positions), size, _keys(seed))


@lru_cache(maxsize=8)
def _drawn(size: int, seed: tuple[int, ...]) -> NDArray[np.int64]:
    order = random_order(size, shuffle_source(*seed))
    order.flags.writeable = False
    return order


@lru_cache(maxsize=64)
def _keys(seed: tuple[int, ...]) -> NDArray[np.uint64]:
    return shuffle_source(*seed).random_raw(_ROUNDS)
