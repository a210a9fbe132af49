import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from headrace.errors import UsageError
from headrace.nn import PiecewiseLinearEmbeddings


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=8, unique=True), st.floats(-100, 100, width=32))
def test_entries_are_those_of_the_paper(edges: list[int], x: float) -> None:
    """Equation 1 of Gorishniy et al. (2022), with its rule for the first and the last bin."""
    edges = sorted(edges)
    expected = []
    for place, (low, high) in enumerate(itertools.pairwise(edges)):
        share = (x - low) / (high - low)
        share = share if place == 0 else max(0.0, share)
        expected.append(share if place == len(edges) - 2 else min(1.0, share))
    found = PiecewiseLinearEmbeddings([edges]).encode(torch.tensor([[x]]))
    np.testing.assert_allclose(found[0, 0].numpy(), expected, rtol=1e-4, atol=1e-5)


def test_a_number_with_fewer_bins_has_zeros_at_the_end() -> None:
    embeddings = PiecewiseLinearEmbeddings([[0.0, 1.0, 2.0], [0.0, 4.0]])
    assert embeddings.encode(torch.tensor([[9.0, 9.0]])).tolist() == [[[1.0, 8.0], [2.25, 0.0]]]


def test_bins_from_data_hold_equal_shares() -> None:
    values = torch.stack([torch.arange(101.0), torch.arange(101.0) % 2, torch.full((101,), 7.0)], dim=1)
    embeddings = PiecewiseLinearEmbeddings.from_data(values, bins=4)
    assert embeddings.lower[0].tolist() == [0, 25, 50, 75]
    assert embeddings.lower[1, :1].tolist() == [0]
    assert embeddings.encode(torch.tensor([[100.0, 1.0, 7.0]]))[0, :, 0].tolist() == [1, 1, 0.5]


@pytest.mark.parametrize(
    "bins", [[], [[1.0]], [[0.0, 0.0]], [[1.0, 0.0]], [[0.0, float("nan")]], [[0.0, 1.0, 1.0 + 1e-12]]]
)
def test_edges_that_are_not_increasing_are_refused(bins: list[list[float]]) -> None:
    with pytest.raises(UsageError, match=r"bins.*: expected .*edges"):
        PiecewiseLinearEmbeddings(bins)


@pytest.mark.parametrize("values", [torch.zeros(0, 2), torch.zeros(3), torch.tensor([[float("nan")]])])
def test_data_without_finite_rows_is_refused(values: torch.Tensor) -> None:
    with pytest.raises(UsageError, match="expected finite numbers"):
        PiecewiseLinearEmbeddings.from_data(values)
