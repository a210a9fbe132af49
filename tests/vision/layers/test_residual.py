"""Residual units."""

import pytest
import torch
from torch import nn

from headrace.vision.layers import (
    BottleneckUnit,
    Residual,
    ResidualUnit,
    SqueezeExcite,
    build,
)


def count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize("unit", [ResidualUnit(32), BottleneckUnit(8)])
def test_a_unit_that_keeps_the_shape_has_an_identity_shortcut(unit: ResidualUnit | BottleneckUnit) -> None:
    layer = build(unit, in_channels=32)
    assert isinstance(layer, Residual)
    assert isinstance(layer.shortcut, nn.Identity)
    nn.init.zeros_(list(layer.body.modules())[-1].weight)  # pyright: ignore[reportArgumentType]
    images = torch.rand(2, 32, 6, 6)
    assert torch.equal(layer(images), images)


@pytest.mark.parametrize(("unit", "channels"), [(ResidualUnit(64, 2), 64), (BottleneckUnit(16, 2), 64)])
def test_a_unit_that_changes_the_shape_projects_the_input(
    unit: ResidualUnit | BottleneckUnit, channels: int
) -> None:
    layer = build(unit, in_channels=32)
    assert layer(torch.rand(2, 32, 7, 6)).shape == (2, channels, 4, 3)
    assert layer.shortcut.conv.kernel_size == (1, 1)  # pyright: ignore


def test_reduction_adds_a_squeeze_excite() -> None:
    plain, squeezed = (build(ResidualUnit(32, reduction=reduction), 32) for reduction in (None, 16))
    assert count(squeezed) == count(plain) + count(SqueezeExcite(32))
