"""Discretization."""

from __future__ import annotations

import numpy as np

from headrace.layers import Discretization


def test_a_boundary_belongs_to_the_upper_bucket() -> None:
    layer = Discretization(bin_boundaries=[0.0, 1.0, 2.0])
    assert layer([[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 0.0]]).tolist() == [[0, 2, 3, 1], [1, 3, 2, 1]]


def test_bins_have_equal_counts() -> None:
    values = np.random.default_rng(0).exponential(size=1000)
    buckets = Discretization(num_bins=5).adapt(values)(values)
    assert np.bincount(buckets).tolist() == [199, 200, 200, 200, 201]


def test_buckets_as_vectors() -> None:
    assert Discretization([1.0], output_mode="one_hot")([0.0, 2.0]).tolist() == [[1, 0], [0, 1]]
    assert Discretization([0.0], output_mode="count")([[-1.0, 1.0, 2.0]]).tolist() == [[1, 2]]
    assert Discretization([0.0], output_mode="multi_hot")([[1.0, 2.0]]).tolist() == [[0, 1]]
