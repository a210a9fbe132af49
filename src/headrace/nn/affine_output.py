"""The last layer of a regression model: from standardised units to the units of the label."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from headrace.arguments import check_number
from headrace.errors import UsageError

__all__ = ["AffineOutput"]


class AffineOutput(nn.Module):
    """Computes `x * scale + offset`, so that a network with standardised outputs predicts in label units.

    Both numbers are buffers: saved with the weights, exported, never trained. Pass the label's mean and
    standard deviation over the training set, and the same deviation as `fit(..., label_scale=)`, so that the
    loss is standardised, too.

    Args:
        scale: The label's standard deviation, in the label's units.
        offset: The label's mean, in the label's units.

    Raises:
        UsageError: One of them is not a finite number, or `scale` is 0.

    Example:
        >>> AffineOutput(scale=100.0, offset=50.0)(torch.tensor([[-0.5], [1.0]]))
        tensor([[  0.],
                [150.]])
    """

    scale: Tensor
    offset: Tensor

    def __init__(self, scale: float, offset: float) -> None:
        super().__init__()
        self.register_buffer("scale", torch.tensor(check_number(scale, "scale")))
        self.register_buffer("offset", torch.tensor(check_number(offset, "offset")))
        if not scale:
            raise UsageError("scale is 0", hint="pass the standard deviation of a label that varies")

    def forward(self, x: Tensor) -> Tensor:
        """Scale a float tensor of any shape."""
        return x * self.scale + self.offset

    def extra_repr(self) -> str:
        """Represent both numbers."""
        return f"scale={self.scale.item():g}, offset={self.offset.item():g}"
