"""Hashing."""

from __future__ import annotations

import numpy as np
import pytest

from headrace.errors import TraceError
from headrace.layers import Hashing


@pytest.mark.parametrize("salt", [None, 7, (7, 9)])
def test_bins_are_uniform_and_independent_for_each_salt(salt: int | tuple[int, int] | None) -> None:
    words = [f"word {i}" for i in range(3000)]
    bins = Hashing(3, salt=salt)(words)
    np.testing.assert_allclose(np.bincount(bins, minlength=3) / 1000, 1, atol=0.1)
    other = Hashing(3, salt=1)(words)
    np.testing.assert_allclose(np.mean(bins == other), 1 / 3, atol=0.05)


def test_numbers_are_hashed_as_decimals() -> None:
    layer = Hashing(1000)
    decimals = layer(["7", "-12", "0"]).tolist()
    assert layer([7, -12, 0]).tolist() == layer([7.9, -12.5, -0.1]).tolist() == decimals
    assert layer(np.array([[7, -12, 0]])).tolist() == [decimals]
    assert layer([[7], [-12, 0]]) == [decimals[:1], decimals[1:]]


def test_the_mask_has_bin_zero() -> None:
    bins = Hashing(3, mask_value="")(["", *map(str, range(100))])
    assert (bins[0], set(bins[1:].tolist())) == (0, {1, 2})
    assert Hashing(3, mask_value=-1)([-1, 5]).tolist()[0] == 0
    assert Hashing(1, mask_value="")(["", "a"]).tolist() == [0, 0]
    with pytest.raises(TraceError, match="expected a mask_value of type int64, got ''"):
        Hashing(3, mask_value="")([1, 2])


def test_bins_as_vectors() -> None:
    rows = [["a", "b"], ["b", "b"]]
    a, b = Hashing(5)(["a", "b"]).tolist()
    assert Hashing(5, output_mode="count")(rows)[1].tolist() == [2 if i == b else 0 for i in range(5)]
    assert Hashing(5, output_mode="one_hot")(["a"]).argmax() == a
