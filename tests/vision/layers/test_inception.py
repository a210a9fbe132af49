"""Inception modules."""

import torch

from headrace.vision.layers import (
    Conv,
    Inception,
    MaxPool,
    build,
)


def test_branches_are_concatenated() -> None:
    layer = build(
        Inception({"1x1": [Conv(4, 1)], "pool": [MaxPool(3, 1, "SAME"), Conv(2, 1)], "through": []}), 3
    )
    images = torch.rand(2, 3, 5, 5)
    stacked = layer(images)
    assert stacked.shape == (2, 9, 5, 5)
    assert torch.equal(stacked[:, 6:], images)
