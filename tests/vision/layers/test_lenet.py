"""Layers of LeNet-5."""

import pytest
import torch
from torch import nn

from headrace.errors import UsageError
from headrace.vision.layers import (
    PartialConv,
    RBFOutput,
    ScaledTanh,
    Subsampling,
)


def count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


class TestLeNet:
    def test_subsampling_is_initially_the_mean(self) -> None:
        layer, images = Subsampling(3), torch.rand(2, 3, 6, 4)
        torch.testing.assert_close(layer(images), nn.functional.avg_pool2d(images, 2))
        assert count(layer) == 6

    def test_each_output_map_depends_only_on_the_maps_of_its_row(self) -> None:
        layer = PartialConv(3, [(0, 1), (2,)], 2)
        images = torch.rand(1, 3, 4, 4, requires_grad=True)
        layer(images)[:, 0].sum().backward()
        assert images.grad is not None
        assert [bool(each.any()) for each in images.grad[0]] == [True, True, False]
        assert count(layer) == 3 * 4 + 2

    @pytest.mark.parametrize("table", [[(0, 3)], [(1, 1)]])
    def test_invalid_tables_are_rejected(self, table: list[tuple[int, ...]]) -> None:
        with pytest.raises(UsageError, match="use each index from 0 to 2 at most once"):
            PartialConv(3, table, 2)

    def test_rbf_output_is_squared_distances(self) -> None:
        layer = RBFOutput(84, 10)
        assert layer(layer.codes).diagonal().tolist() == [0.0] * 10
        flipped = layer.codes.clone()
        flipped[:, 0] *= -1
        assert layer(flipped).diagonal().tolist() == [4.0] * 10
        assert count(layer) == 0

    def test_scaled_tanh_maps_one_to_one(self) -> None:
        torch.testing.assert_close(
            ScaledTanh()(torch.tensor([-1.0, 0.0, 1.0])), torch.tensor([-1.0, 0.0, 1.0]), atol=1e-4, rtol=0
        )
