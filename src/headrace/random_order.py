"""Random orders and seeds that are the same on every platform and with every version of NumPy."""

from __future__ import annotations

import hashlib

import numpy as np

__all__ = ["derive_seed", "random_order", "random_source", "shuffle_source"]

_SPAWN_KEY = 0x68656164  # any number: the streams of NumPy's generators have none


def derive_seed(*numbers: int) -> int:
    """Derive a seed of 56 bits from numbers such as a seed, an epoch and a batch."""
    digest = hashlib.blake2b(" ".join(map(str, numbers)).encode(), digest_size=7)
    return int.from_bytes(digest.digest(), "big")


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
    """Return the stable order of 64-bit keys, fast where their leading bits differ, as random ones do.

    NumPy sorts values faster than it finds their order: the number of each key takes the place of its last
    bits, which decide nothing unless the other bits of two keys are equal.
    """
    bits = np.uint64(max(len(keys) - 1, 1).bit_length())
    last = (np.uint64(1) << bits) - np.uint64(1)
    packed = keys & ~last
    packed |= np.arange(len(keys), dtype=np.uint64)
    packed.sort()
    leading = packed >> bits
    if (leading[1:] == leading[:-1]).any():
        return np.argsort(keys, kind="stable")
    packed &= last
    return packed.view(np.int64)
