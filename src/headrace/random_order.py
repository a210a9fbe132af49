"""Random orders that are the same on every platform and with every version of NumPy."""

from __future__ import annotations

import numpy as np

__all__ = ["random_order", "random_source"]


def random_source(*seed: int) -> np.random.PCG64:
    """Create a random bit generator from seed numbers, each 0 or more."""
    return np.random.PCG64(np.random.SeedSequence(seed))


def random_order(rows: int, random: np.random.PCG64) -> np.ndarray:
    """Draw a permutation of the numbers 0 to `rows` - 1, int64 [rows].

    It sorts raw PCG64 output: NumPy guarantees that stream across versions, but not `permutation`.
    """
    return np.argsort(random.random_raw(rows), kind="stable")
