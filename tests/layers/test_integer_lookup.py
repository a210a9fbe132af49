"""IntegerLookup."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from headrace.layers import IntegerLookup


def test_in_a_torch_model() -> None:
    layer = IntegerLookup(mask_token=0, num_oov_indices=2).adapt(np.array([[7, 7], [9, 0]]))
    assert layer.get_vocabulary() == [0, -1, -1, 7, 9]
    model = nn.Sequential(layer, nn.Embedding(5, 3))
    x = torch.tensor([[7, 9], [0, -3]])
    assert layer(x).tolist() == [[3, 4], [0, 2]]
    assert torch.equal(torch.export.export(model, (x,)).module()(x), model(x))
    other = nn.Sequential(IntegerLookup(mask_token=0, num_oov_indices=2).adapt([1, 2]), nn.Embedding(5, 3))
    other.load_state_dict(model.state_dict())
    assert torch.equal(other(x), model(x))
    assert other[0].get_vocabulary() == layer.get_vocabulary()


def test_integer_ties_are_ordered_by_value() -> None:
    assert IntegerLookup().adapt([[10, 9], [], [-1, 2, 2]]).get_vocabulary() == [-1, 2, 9, 10]
    assert IntegerLookup(vocabulary=[3], num_oov_indices=0)(np.array([3, 4], np.uint8)).tolist() == [0, -1]
