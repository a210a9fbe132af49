import numpy as np
import pytest

from headrace._native import pad_lists


def pad(values, splits, length, fill):
    fill = np.asarray([fill], values.dtype)
    return pad_lists(values.view(np.uint8), splits, length, fill.view(np.uint8)).view(values.dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32, np.float64, np.complex128])
def test_lists_are_cut_and_filled_up(dtype):
    values, splits = np.arange(7).astype(dtype), np.array([0, 1, 1, 5, 7])
    assert pad(values, splits, 3, 9).tolist() == [0, 9, 9, 9, 9, 9, 1, 2, 3, 5, 6, 9]
    assert pad(values, splits[:1], 3, 9).tolist() == []


@pytest.mark.parametrize("splits", [[0, 8], [3, 2], [-1, 2], []])
def test_splits_outside_the_values_are_refused(splits):
    with pytest.raises(ValueError, match="splits: expected"):
        pad(np.arange(7), np.array(splits, np.int64), 3, 0)


def test_sizes_that_no_memory_holds_are_refused():
    with pytest.raises(ValueError, match="do not fit into memory"):
        pad(np.arange(7), np.zeros(1000, np.int64), 1 << 62, 0)
    with pytest.raises(ValueError, match="fill: expected at least one byte"):
        pad_lists(np.zeros(4, np.uint8), np.array([0, 4]), 3, np.zeros(0, np.uint8))
