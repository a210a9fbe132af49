"""Inception modules: branches side by side on the same maps, their maps stacked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from headrace.errors import UsageError
from headrace.vision.layers.spec import Plan, Shape, column

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
    """An Inception module of any version; a branch without layers lets its maps through.

    Attributes:
        branches: Each one's layers, under its name, or its number if they have none.
    """

    branches: Mapping[str, Sequence[Plan]] | Sequence[Sequence[Plan]]

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """The module, and the shape it gives.

        Raises:
            UsageError: The branches give maps of different sizes.
        """
        named = self.branches if isinstance(self.branches, Mapping) else dict(enumerate(self.branches))
        built = {str(name): column(plans, shape) for name, plans in named.items()}
        sizes = {after[1:] for _, after in built.values()}
        if len(sizes) > 1:
            raise UsageError(
                f"branches give maps of {sorted(sizes)} pixels",
                hint="give them the same strides and padding",
            )
        channels = sum(after[0] for _, after in built.values())
        return Branches({name: branch for name, (branch, _) in built.items()}), (channels, *sizes.pop())
