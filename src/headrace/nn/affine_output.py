"""The last layer of a regression model: from standardised to natural units."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["AffineOutput"]


class AffineOutput(nn.Module):
    """`x * scale + offset`, so that a network of unit-sized outputs predicts in the units of its label.

    Both numbers are buffers: saved with the weights, exported, never trained. Give the label's mean and
    standard deviation over the training set, and the same deviation to `fit(..., label_scale=)`, so that the
    loss is of unit size too.

    Args:
        scale: The label's standard deviation, in the label's units.
        offset: The label's mean, in the label's units.

    Example:
        >>> AffineOutput(scale=100.0, offset=50.0)(torch.tensor([[-0.5], [1.0]]))
        tensor([[  0.],
                [150.]])
    """

    scale: Tensor
    offset: Tensor

    def __init__(self, scale: float, offset: float) -> None:
        super().__init__()
        self.register_buffer("scale", torch.tensor(float(scale)))
        self.register_buffer("offset", torch.tensor(float(offset)))

    def forward(self, x: Tensor) -> Tensor:
        """Float of any shape, to the same shape."""
        return x * self.scale + self.offset

    def extra_repr(self) -> str:
        """Both numbers, for `print(model)`."""
        return f"scale={self.scale.item():g}, offset={self.offset.item():g}"
