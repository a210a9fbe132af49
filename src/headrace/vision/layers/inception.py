"""Inception modules: branches side by side on the same maps, their maps stacked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from headrace.vision.layers.plan import Plan, Shape, column

__all__ = ["Branches", "Inception"]


class Branches(nn.ModuleDict):
    """Runs each branch on the same maps and stacks what they give along channels.

    float [N, C, H, W] to [N, the sum of the branches' channels, H', W'].
    """

    def forward(self, maps: Tensor) -> Tensor:
        """Maps to maps."""
        return torch.cat([branch(maps) for branch in self.values()], dim=1)


@dataclass(frozen=True)
class Inception:
    """An Inception module of any version: each branch a name and its layers, none to let maps through."""

    branches: Mapping[str, Sequence[Plan]]

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """The module, and the shape it gives."""
        built = {name: column(plans, shape) for name, plans in self.branches.items()}
        channels = sum(after[0] for _, after in built.values())
        (size,) = {after[1:] for _, after in built.values()}
        return Branches({name: branch for name, (branch, _) in built.items()}), (channels, *size)
