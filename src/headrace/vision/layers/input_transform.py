"""The affine transform of the input that weights of another normalisation need."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

__all__ = ["ChannelAffine"]


class ChannelAffine(nn.Module):
    """Computes `x * scale + offset` for each channel; float [N, C, H, W] to the same shape.

    Both are buffers: saved with the weights, exported, never trained.

    Args:
        scale: A factor per channel.
        offset: A number per channel.
    """

    scale: Tensor
    offset: Tensor

    def __init__(self, scale: Sequence[float], offset: Sequence[float]) -> None:
        super().__init__()
        self.register_buffer("scale", torch.tensor(scale).reshape(-1, 1, 1))
        self.register_buffer("offset", torch.tensor(offset).reshape(-1, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        """Transform images."""
        return images * self.scale + self.offset

    def extra_repr(self) -> str:
        """Represent the number of channels."""
        return f"{len(self.scale)}"
