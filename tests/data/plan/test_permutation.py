"""Permutations of more numbers than are drawn: the definition, in NumPy, and its properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace import _native
from headrace.data.plan import permute
from headrace.random_order import shuffle_source

MULTIPLIERS = (np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53))


def encrypt(values, half, keys):
    width, mask = np.uint64(half), np.uint64((1 << half) - 1)
    left, right = values >> width, values & mask
    for key in keys:
        mixed = right ^ key
        for multiplier in MULTIPLIERS:
            mixed = (mixed ^ (mixed >> np.uint64(33))) * multiplier
        left, right = right, left ^ ((mixed >> np.uint64(33)) & mask)
    return (left << width) | right


def definition(positions, size, keys):
    half = ((size - 1).bit_length() + 1) // 2
    values = encrypt(np.array(positions, np.uint64), half, keys)
    while (outside := values >= size).any():
        values[outside] = encrypt(values[outside], half, keys)
    return values.tolist()


@given(st.integers(1, 2**62), st.integers(0, 2**32), st.data())
def test_the_kernel_equals_the_definition(size, seed, data):
    positions = data.draw(st.lists(st.integers(0, size - 1), max_size=40))
    keys = shuffle_source(seed).random_raw(8)
    found = _native.permute(np.array(positions, np.int64), size, keys)
    assert found.tolist() == definition(positions, size, keys)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000, 65_537, 70_000, 262_144])
def test_every_number_appears_once(size):
    keys = shuffle_source(7).random_raw(8)
    assert np.array_equal(np.sort(_native.permute(np.arange(size), size, keys)), np.arange(size))
    assert np.array_equal(np.sort(permute(np.arange(size), size, 1, 2)), np.arange(size))


def test_positions_are_mapped_one_by_one():
    whole = permute(np.arange(100_000), 100_000, 3)
    some = np.array([99_999, 0, 5, 5, 70_000])
    assert permute(some, 100_000, 3).tolist() == whole[some].tolist()
    assert permute(np.arange(100_000)[::-7], 100_000, 3).tolist() == whole[::-7].tolist()


def test_the_order_of_many_rows_is_pinned():
    assert permute(np.arange(4), 100_000, 7, 0).tolist() == [93497, 36083, 92257, 34814]
    assert permute(np.array([2**40]), 2**41, 7, 0).tolist() == [260961202098]


@pytest.mark.parametrize("position", [-1, 100_000, 2**62])
def test_positions_outside_are_refused(position):
    with pytest.raises(IndexError, match=f"position {position} of 100000"):
        permute(np.array([0, position]), 100_000, 1)


@pytest.mark.parametrize("size", [0, -1, 2**62 + 1])
def test_sizes_out_of_range_are_refused(size):
    with pytest.raises(ValueError, match="expected a size from 1 to"):
        _native.permute(np.zeros(0, np.int64), size, np.zeros(8, np.uint64))
