"""Random orders that stay the same on every platform and version."""

from __future__ import annotations

import numpy as np

__all__ = ["random_order", "random_source"]


def random_source(*seed: int) -> np.random.PCG64:
    """A random bit generator for the seed numbers, each 0 or more."""
    return np.random.PCG64(np.random.SeedSequence(seed))


def random_order(rows: int, random: np.random.PCG64) -> np.ndarray:
    """The numbers 0 to `rows` - 1 in random order, int64 [rows].

    Raw PCG64 output, sorted: NumPy promises that stream for good, which it does not for `permutation`.
    """
    return np.argsort(random.random_raw(rows), kind="stable")
