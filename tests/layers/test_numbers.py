"""Layers of numbers, against their formulas."""

from __future__ import annotations

import numpy as np
import pytest

from headrace.errors import UsageError
from headrace.layers import Discretization, Normalization, Rescaling

ROWS = np.random.default_rng(0).normal([0, 10, -5], [1, 3, 0], (200, 3)).astype(np.float32)


def test_each_place_is_normalised_by_itself() -> None:
    y = Normalization().adapt(ROWS)(ROWS)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(y.std(axis=0), [1, 1, 0], atol=1e-5)


def test_all_values_are_normalised_together() -> None:
    y = Normalization(axis=None).adapt(ROWS)(ROWS)
    np.testing.assert_allclose([y.mean(), y.std()], [0, 1], atol=1e-5)


def test_inversion_undoes_it() -> None:
    forth, back = Normalization().adapt(ROWS), Normalization(invert=True).adapt(ROWS)
    np.testing.assert_allclose(back(forth(ROWS)), ROWS, atol=1e-5)


def test_known_statistics_need_no_data() -> None:
    assert Normalization(mean=3.0, variance=4.0)([1.0, 5.0]).tolist() == [-1.0, 1.0]
    assert Normalization(mean=[0, 2], variance=[1, 4])([[1.0, 4.0]]).tolist() == [[1.0, 1.0]]


def test_missing_values_stay_missing_and_out_of_the_statistics() -> None:
    layer = Normalization().adapt([1.0, float("nan"), 3.0])
    np.testing.assert_array_equal(layer([2.0, float("nan")]), [0.0, np.nan])


def test_boundaries_belong_to_the_upper_bucket() -> None:
    layer = Discretization(bin_boundaries=[0.0, 1.0, 2.0])
    assert layer([[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 0.0]]).tolist() == [[0, 2, 3, 1], [1, 3, 2, 1]]


def test_bins_hold_equally_many() -> None:
    values = np.random.default_rng(0).exponential(size=1000)
    buckets = Discretization(num_bins=5).adapt(values)(values)
    assert np.bincount(buckets).tolist() == [199, 200, 200, 200, 201]


def test_buckets_as_vectors() -> None:
    assert Discretization([1.0], output_mode="one_hot")([0.0, 2.0]).tolist() == [[1, 0], [0, 1]]


def test_rescaling_by_place() -> None:
    assert Rescaling([1, 10], offset=[0, 1])([[1.0, 1.0]]).tolist() == [[1.0, 11.0]]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Normalization(mean=1.0),
        lambda: Normalization(axis=0),
        lambda: Discretization(),
        lambda: Discretization([1.0], num_bins=2),
        lambda: Discretization([1.0], output_mode="tf_idf")([1.0]),
    ],
)
def test_arguments_that_do_not_go_together(make) -> None:
    with pytest.raises(UsageError):
        make()
