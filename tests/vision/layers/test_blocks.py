"""Squeeze and excitation, residual units, Inception modules and LeNet-5's own layers."""

import pytest
import torch
from torch import nn

from headrace.errors import UsageError
from headrace.vision.layers import (
    BottleneckUnit,
    Conv,
    Inception,
    LocalResponseNorm,
    MaxPool,
    PartialConv,
    RBFOutput,
    Residual,
    ResidualUnit,
    ScaledTanh,
    SqueezeExcite,
    Subsampling,
    build,
)


def count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def test_response_norm_reaches_half_of_r_to_each_side() -> None:
    maps = torch.zeros(1, 9, 1, 1)
    maps[0, 4] = 3.0
    squares = LocalResponseNorm(r=5, k=0.0, alpha=1.0, beta=-1.0)(torch.ones_like(maps) * 1e-3 + maps)
    assert (squares[0, :, 0, 0] > 1e-3).nonzero().flatten().tolist() == [2, 3, 4, 5, 6]


def test_response_norm_with_torch_s_arithmetic() -> None:
    maps = torch.randn(2, 8, 3, 3)
    theirs = nn.LocalResponseNorm(5, alpha=5 * 1e-2, beta=0.75, k=2.0)
    torch.testing.assert_close(LocalResponseNorm(5, 2.0, 1e-2, 0.75)(maps), theirs(maps))


def test_squeeze_excite_scales_whole_maps_by_a_gate() -> None:
    layer, maps = SqueezeExcite(32, reduction=16), torch.rand(2, 32, 5, 4) + 0.1
    ratio = layer(maps) / maps
    torch.testing.assert_close(ratio, ratio[:, :, :1, :1].expand_as(ratio))
    assert 0 < ratio.min() < ratio.max() < 1
    assert count(layer) == 2 * 32 * 2 + 2 + 32


@pytest.mark.parametrize("unit", [ResidualUnit(32), BottleneckUnit(8)])
def test_a_unit_that_keeps_the_shape_adds_to_its_input(unit: ResidualUnit | BottleneckUnit) -> None:
    layer = build(unit, in_channels=32)
    assert isinstance(layer, Residual)
    assert isinstance(layer.shortcut, nn.Identity)
    nn.init.zeros_(list(layer.body.modules())[-1].weight)  # pyright: ignore[reportArgumentType]
    images = torch.rand(2, 32, 6, 6)
    assert torch.equal(layer(images), images)


@pytest.mark.parametrize(("unit", "channels"), [(ResidualUnit(64, 2), 64), (BottleneckUnit(16, 2), 64)])
def test_a_unit_that_changes_the_shape_projects(unit: ResidualUnit | BottleneckUnit, channels: int) -> None:
    layer = build(unit, in_channels=32)
    assert layer(torch.rand(2, 32, 7, 6)).shape == (2, channels, 4, 3)
    assert layer.shortcut.conv.kernel_size == (1, 1)  # pyright: ignore


def test_a_squeezed_unit_has_a_gate_more() -> None:
    plain, squeezed = (build(ResidualUnit(32, reduction=reduction), 32) for reduction in (None, 16))
    assert count(squeezed) == count(plain) + count(SqueezeExcite(32))


def test_branches_are_stacked() -> None:
    layer = build(
        Inception({"1x1": [Conv(4, 1)], "pool": [MaxPool(3, 1, "SAME"), Conv(2, 1)], "through": []}), 3
    )
    images = torch.rand(2, 3, 5, 5)
    stacked = layer(images)
    assert stacked.shape == (2, 9, 5, 5)
    assert torch.equal(stacked[:, 6:], images)


class TestLeNet:
    def test_subsampling_is_a_trainable_mean(self) -> None:
        layer, images = Subsampling(3), torch.rand(2, 3, 6, 4)
        torch.testing.assert_close(layer(images), nn.functional.avg_pool2d(images, 2))
        assert count(layer) == 6

    def test_a_map_sees_the_maps_of_its_row_only(self) -> None:
        layer = PartialConv(3, [(0, 1), (2,)], 2)
        images = torch.rand(1, 3, 4, 4, requires_grad=True)
        layer(images)[:, 0].sum().backward()
        assert images.grad is not None
        assert [bool(each.any()) for each in images.grad[0]] == [True, True, False]
        assert count(layer) == 3 * 4 + 2

    @pytest.mark.parametrize("table", [[(0, 3)], [(1, 1)]])
    def test_an_impossible_table_is_refused(self, table: list[tuple[int, ...]]) -> None:
        with pytest.raises(UsageError, match="give different numbers from 0 to 2"):
            PartialConv(3, table, 2)

    def test_radial_basis_functions_measure_squared_distances(self) -> None:
        layer = RBFOutput(84, 10)
        assert layer(layer.codes).diagonal().tolist() == [0.0] * 10
        flipped = layer.codes.clone()
        flipped[:, 0] *= -1
        assert layer(flipped).diagonal().tolist() == [4.0] * 10
        assert count(layer) == 0

    def test_the_scaled_tanh_leaves_one_where_it_is(self) -> None:
        torch.testing.assert_close(
            ScaledTanh()(torch.tensor([-1.0, 0.0, 1.0])), torch.tensor([-1.0, 0.0, 1.0]), atol=1e-4, rtol=0
        )
