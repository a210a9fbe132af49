"""HashedCrossing."""

from __future__ import annotations

import numpy as np
import pytest

from headrace.errors import UsageError
from headrace.layers import HashedCrossing


def test_bins_distinguish_combinations() -> None:
    cities, years = ["Oslo", "Oslo", "Rome", "Rome"], [1, 2, 1, 1]
    bins = HashedCrossing(10_000)((cities, years)).tolist()
    assert len(set(bins)) == 3
    assert bins[2] == bins[3]
    assert HashedCrossing(5, output_mode="one_hot")((cities, years)).shape == (4, 5)
    column = np.array([[1], [2]])
    assert HashedCrossing(9)((column, column)).shape == (2, 1)
    assert HashedCrossing(9, "one_hot")((column, column)).shape == (2, 9)
    with pytest.raises(UsageError, match="expects two or more columns, got one; pass a tuple of columns"):
        HashedCrossing(9)(column)
