import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace._native import pack_lengths


def pack_slowly(lengths, capacity):
    """Best-fit decreasing as it is defined: the fullest bin that has room, else a new one."""
    free = []
    for length in sorted(lengths, reverse=True):
        rooms = [room for room in free if room >= length]
        if rooms:
            free[free.index(min(rooms))] -= length
        else:
            free.append(capacity - length)
    return sorted(free)


@settings(deadline=None)
@given(st.data(), st.sampled_from([1, 2, 63, 64, 65, 128, 4096, 5000, 1 << 20]))
def test_items_are_packed_by_best_fit_decreasing(data, capacity):
    lengths = np.array(data.draw(st.lists(st.integers(1, capacity), max_size=80)), np.int64)
    bins, count = pack_lengths(lengths, capacity)
    used = np.bincount(bins, weights=lengths, minlength=count).astype(int)
    assert sorted(capacity - used) == pack_slowly(lengths.tolist(), capacity)
    assert (used > 0).all()
    assert len(bins) == len(lengths)


@pytest.mark.parametrize("length", [0, -1, 11, 1 << 40])
def test_lengths_that_do_not_fit_are_refused(length):
    with pytest.raises(ValueError, match="expected lengths from 1 to 10, got"):
        pack_lengths(np.array([3, length]), 10)


def test_a_huge_capacity_is_refused():
    with pytest.raises(ValueError, match="expected a capacity of at most 1048576, got 1048577"):
        pack_lengths(np.array([3]), (1 << 20) + 1)
