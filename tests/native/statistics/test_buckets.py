from __future__ import annotations

import numpy as np
import pytest

from headrace import _native


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
@pytest.mark.parametrize("edge_count", [0, 1, 9, 24, 25, 400])
@pytest.mark.parametrize("rows", [0, 1, 511, 512, 2000])
def test_buckets_agree_with_searchsorted(dtype: str, edge_count: int, rows: int) -> None:
    rng = np.random.default_rng(0)
    edges = np.sort(rng.integers(-50, 50, edge_count)).astype(dtype)
    values = rng.integers(-60, 60, rows).astype(dtype)
    found = _native.find_buckets(values, edges)
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, np.searchsorted(edges, values, side="right"))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rows", [5, 512])
def test_nan_is_above_every_edge(dtype: str, rows: int) -> None:
    edges = np.array([-np.inf, -0.0, 1.0, np.inf], dtype)
    values = np.resize(np.array([np.nan, -np.inf, 0.0, -0.0, np.inf], dtype), rows)
    expected = np.resize([4, 1, 2, 2, 4], rows)
    np.testing.assert_array_equal(_native.find_buckets(values, edges), expected)


def test_values_and_edges_of_different_types_are_rejected() -> None:
    with pytest.raises(TypeError):
        _native.find_buckets(np.zeros(1, np.float32), np.zeros(1))
