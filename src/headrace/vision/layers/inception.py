"""Inception modules: parallel branches whose outputs are concatenated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from headrace.errors import UsageError
from headrace.vision.layers.spec import LayerSpec, Shape, build_stack

__all__ = ["Branches", "Inception"]


class Branches(nn.ModuleDict):
    """Parallel branches on the same maps, whose outputs are concatenated along channels.

    float [N, C, H, W] to [N, the sum of the branches' channels, H', W'].
    """

    def forward(self, maps: Tensor) -> Tensor:
        """Run each branch and concatenate the outputs."""
        return torch.cat([branch(maps) for branch in self.values()], dim=1)


@dataclass(frozen=True)
class Inception:
    """Spec of an Inception module of any version; a branch without layers passes its maps through.

    Attributes:
        branches: The layers of each branch, by the branch's name, or by its position in a sequence.
    """

    branches: Mapping[str, Sequence[LayerSpec]] | Sequence[Sequence[LayerSpec]]

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`.

        Raises:
            UsageError: The branches' outputs differ in size, or there are none.
        """
        named = self.branches if isinstance(self.branches, Mapping) else dict(enumerate(self.branches))
        built = {str(name): build_stack(specs, shape) for name, specs in named.items()}
        if not built:
            raise UsageError("expected branches, got none", hint="pass one list of layers per branch")
        sizes = {after[1:] for _, after in built.values()}
        if len(sizes) > 1:
            raise UsageError(
                f"expected branches with outputs of one size, got {sorted(sizes)} pixels",
                hint="use the same strides and padding in every branch",
            )
        channels = sum(after[0] for _, after in built.values())
        return Branches({name: branch for name, (branch, _) in built.items()}), (channels, *sizes.pop())
