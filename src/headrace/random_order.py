"""Random orders that are the same on every platform and with every version of NumPy."""

from __future__ import annotations

import numpy as np

__all__ = ["random_order", "random_source", "shuffle_source"]

_SPAWN_KEY = 0x68656164  # any number: the streams of NumPy's generators have none


def random_source(*seed: int) -> np.random.PCG64:
    """Create a random bit generator from seed numbers, each 0 or more; NumPy's generator of that seed."""
    return np.random.PCG64(np.random.SeedSequence(seed))


def shuffle_source(*seed: int) -> np.random.PCG64:
    """Create a random bit generator from seed numbers that is not NumPy's generator of that seed.

    A shuffle would otherwise sort values that a user has drawn with the same seed.
    """
    return np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(_SPAWN_KEY,)))


def random_order(rows: int, random: np.random.PCG64) -> np.ndarray:
    """Draw a permutation of the numbers 0 to `rows` - 1, int64 [rows].

    It sorts raw PCG64 output: NumPy guarantees that stream across versions, but not `permutation`.
    """
    return _sort_stably(random.random_raw(rows))


def _sort_stably(keys: np.ndarray) -> np.ndarray:
    """Return the stable order of 64-bit keys, three times as fast where no two are equal.

    NumPy's default sort is vectorised, but its order of equal keys depends on the platform.
    """
    order = np.argsort(keys)
    ascending = keys[order]
    is_unique = bool((ascending[1:] != ascending[:-1]).all())
    return order if is_unique else np.argsort(keys, kind="stable")
