"""The unit of convolution, pool, batch normalisation and activation."""

import torch
from torch import nn

from headrace.vision.layers import ConvNorm, build


def test_the_pool_is_between_the_convolution_and_the_norm() -> None:
    unit = build(ConvNorm(4, 3, pool=2), 3, (9, 9))
    assert [name for name, _ in unit.named_children()] == ["conv", "pool", "norm", "activation"]
    assert unit(torch.rand(2, 3, 9, 9)).shape == (2, 4, 4, 4)


def test_a_norm_without_scales_trains_its_biases() -> None:
    unit = build(ConvNorm(4, 3, activation=None, scale=False, momentum=1.0), 3, (9, 9))
    assert [name for name, _ in unit.named_parameters()] == ["conv.weight", "norm.bias"]
    images = torch.rand(8, 3, 9, 9, generator=torch.Generator().manual_seed(0))
    nn.init.constant_(unit.get_parameter("norm.bias"), 3.0)
    maps = unit(images)
    torch.testing.assert_close(maps.mean(dim=(0, 2, 3)), torch.full((4,), 3.0))
    maps.square().sum().backward()
    assert unit.get_parameter("norm.bias").grad is not None
    # momentum 1 keeps the statistics of the last batch, up to Bessel's correction
    torch.testing.assert_close(unit.eval()(images), maps, atol=5e-3, rtol=0)
