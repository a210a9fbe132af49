"""Squeeze-and-excitation."""

import torch
from torch import nn

from headrace.vision.layers import (
    SqueezeExcite,
)


def count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def test_maps_are_scaled_by_a_gate() -> None:
    layer, maps = SqueezeExcite(32, reduction=16), torch.rand(2, 32, 5, 4) + 0.1
    ratio = layer(maps) / maps
    torch.testing.assert_close(ratio, ratio[:, :, :1, :1].expand_as(ratio))
    assert 0 < ratio.min() < ratio.max() < 1
    assert count(layer) == 2 * 32 * 2 + 2 + 32
