import numpy as np
import pytest

from headrace.data import Dataset
from headrace.errors import UsageError


def order(ds):
    return np.concatenate([np.asarray(batch["x"]) for batch in ds])


@pytest.fixture
def counting():
    return Dataset.from_arrays({"x": np.arange(5000)})


@pytest.mark.parametrize("window", [1, 2, 3, 100, 4999, 5000, 65536])
def test_every_row_is_yielded_exactly_once(counting, window):
    assert sorted(order(counting.shuffle(3, window))) == list(range(5000))


def test_order_depends_on_seed_and_epoch(counting):
    orders = [order(counting.shuffle(seed).epoch(epoch)) for seed in (0, 1) for epoch in (0, 1)]
    assert len({tuple(o) for o in orders}) == 4


def test_the_order_is_pinned():
    ds = Dataset.from_arrays({"x": np.arange(8)})
    assert order(ds.shuffle(7)).tolist() == [6, 3, 4, 0, 2, 7, 5, 1]


def test_rows_move_across_windows(counting):
    shuffled = order(counting.shuffle(0, window=500))
    blocks = shuffled[:500] // 500
    assert set(blocks) >= {0, 1}  # a shuffle of separate blocks would have block 0 only
    late = np.arange(5000) - shuffled
    assert late.max() > 600
    assert -late.min() <= 500


def test_data_within_the_window_is_permuted_uniformly():
    ds = Dataset.from_arrays({"x": np.arange(10)})
    counts = np.zeros((10, 10))
    for epoch in range(2000):
        counts[np.arange(10), order(ds.shuffle(1).epoch(epoch))] += 1
    chi_squared = ((counts - 200) ** 2 / 200).sum()
    assert chi_squared < 160  # 81 degrees of freedom; beyond 160 once in a million


def test_window_below_one_is_refused(counting):
    with pytest.raises(UsageError, match="window is 0; pass 1 or more"):
        counting.shuffle(0, window=0)
