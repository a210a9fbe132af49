"""CategoryEncoding."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from headrace.errors import SchemaError, UsageError
from headrace.layers import CategoryEncoding


def test_one_hot_is_a_vector_per_index() -> None:
    layer = CategoryEncoding(3, output_mode="one_hot")
    assert layer([2, 0]).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert layer([[2], [0]]).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert layer([[2, 0]]).tolist() == [[[0, 0, 1], [1, 0, 0]]]
    assert layer([-1, 3]).tolist() == [[0, 0, 0]] * 2


def test_multi_hot_and_count_are_a_vector_per_row() -> None:
    rows = [[0, 1, 1], [2, 9, -1]]
    assert CategoryEncoding(3)(rows).tolist() == [[1, 1, 0], [0, 0, 1]]
    assert CategoryEncoding(3, "count")(rows).tolist() == [[1, 2, 0], [0, 0, 1]]
    assert CategoryEncoding(3, "count")([[], [1, 1]]).tolist() == [[0, 0, 0], [0, 2, 0]]
    assert CategoryEncoding(3)([1, 2]).tolist() == [[0, 1, 0], [0, 0, 1]]


def test_counts_are_weighted() -> None:
    layer = CategoryEncoding(4, output_mode="count")
    weights = [[0.1, 0.2], [0.1, 0.1], [0.2, 0.3], [0.4, 0.2]]
    expected = [[0.1, 0.2, 0, 0], [0.2, 0, 0, 0], [0, 0.2, 0.3, 0], [0, 0.2, 0, 0.4]]
    rows = [[0, 1], [0, 0], [1, 2], [3, 1]]
    np.testing.assert_allclose(layer(rows, count_weights=weights), expected, rtol=1e-6)
    assert layer([[1], [1, 1]], count_weights=[[2.0], [0.5, 0.25]]).tolist() == [
        [0, 2, 0, 0],
        [0, 0.75, 0, 0],
    ]
    with pytest.raises(UsageError, match='count_weights do not apply to mode multi_hot; choose mode "count"'):
        CategoryEncoding(4)(rows, count_weights=weights)
    with pytest.raises(SchemaError, match="lists of weights and lists of values differ in length"):
        layer([[1], []], count_weights=[[], [1.0]])


def test_in_a_torch_model() -> None:
    model = nn.Sequential(CategoryEncoding(3, output_mode="one_hot"), nn.Linear(3, 2))
    assert model(torch.tensor([0, 2])).shape == (2, 2)
    counted = CategoryEncoding(3, output_mode="count")(torch.tensor([[0, 0], [2, 1]]))
    assert isinstance(counted, torch.Tensor)
    assert counted.tolist() == [[2, 0, 0], [0, 1, 1]]
