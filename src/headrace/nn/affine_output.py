"""The last layer of a regression model: from standardised units to the units of the label."""

from __future__ import annotations

from collections.abc import Sequence

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
        scale: The label's standard deviation, in the label's units; a list for several numbers per row.
        offset: The label's mean, in the label's units; likewise.

    Raises:
        UsageError: One of them is not a finite number, a `scale` is 0, or the lists have different lengths.

    Example:
        >>> AffineOutput(scale=100.0, offset=50.0)(torch.tensor([[-0.5], [1.0]]))
        tensor([[  0.],
                [150.]])
    """

    scale: Tensor
    offset: Tensor

    def __init__(self, scale: float | Sequence[float], offset: float | Sequence[float]) -> None:
        super().__init__()
        self.register_buffer("scale", _check_numbers(scale, "scale"))
        self.register_buffer("offset", _check_numbers(offset, "offset"))
        if not self.scale.all():
            raise UsageError("scale is 0", hint="pass the standard deviation of a label that varies")
        if self.scale.ndim and self.offset.ndim and len(self.scale) != len(self.offset):
            what = f"scale has {len(self.scale)} numbers, offset {len(self.offset)}"
            raise UsageError(what, hint="pass one of each for every number of the label")

    def forward(self, x: Tensor) -> Tensor:
        """Scale a float tensor of any shape."""
        return x * self.scale + self.offset

    def extra_repr(self) -> str:
        """Represent both numbers."""
        return f"scale={self.scale.tolist()}, offset={self.offset.tolist()}"


def _check_numbers(value: float | Sequence[float], name: str) -> Tensor:
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value):
        return torch.tensor([check_number(each, f"{name}[{place}]") for place, each in enumerate(value)])
    return torch.tensor(check_number(value, name))
