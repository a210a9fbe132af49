"""Local response normalisation."""

import torch
from torch import nn

from headrace.vision.layers import (
    LocalResponseNorm,
)


def test_window_extends_half_of_r_to_each_side() -> None:
    maps = torch.zeros(1, 9, 1, 1)
    maps[0, 4] = 3.0
    squares = LocalResponseNorm(r=5, k=0.0, alpha=1.0, beta=-1.0)(torch.ones_like(maps) * 1e-3 + maps)
    assert (squares[0, :, 0, 0] > 1e-3).nonzero().flatten().tolist() == [2, 3, 4, 5, 6]


def test_equals_torch_s_with_alpha_times_size() -> None:
    maps = torch.randn(2, 8, 3, 3)
    theirs = nn.LocalResponseNorm(5, alpha=5 * 1e-2, beta=0.75, k=2.0)
    torch.testing.assert_close(LocalResponseNorm(5, 2.0, 1e-2, 0.75)(maps), theirs(maps))
