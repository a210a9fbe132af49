"""Reproducible weights and images that depend on names and shapes only."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn

__all__ = ["draw", "filled", "numbers"]


def numbers(name: str, shape: tuple[int, ...]) -> Tensor:
    """Make uniform float32 numbers between -1 and 1 by integer arithmetic."""
    bits = np.arange(int(np.prod(shape)), dtype=np.uint32) * np.uint32(2654435761)
    bits ^= np.uint32(zlib.crc32(name.encode()))
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        bits ^= bits >> np.uint32(shift)
        bits *= np.uint32(factor)
    bits ^= bits >> np.uint32(16)
    return torch.from_numpy((bits >> np.uint32(8)).astype(np.float32) * np.float32(2**-23) - 1).reshape(shape)


def _tensor(name: str, like: Tensor) -> Tensor:
    drawn = numbers(name, tuple(like.shape))
    if like.ndim > 1:  # He initialisation
        return drawn * (6 / like[0].numel()) ** 0.5
    if name.endswith("running_var"):
        return 1 + 0.5 * drawn
    if name.endswith("norm.weight"):
        return (0.4 if ".body." in name else 1) * (1 + 0.5 * drawn)  # small in residual branches
    return 0.1 * drawn


def filled(model: nn.Module) -> nn.Module:
    """Fill the weights and statistics of a model with `numbers`, and set it to evaluation mode."""
    model = model.to_empty(device="cpu") if next(model.parameters()).is_meta else model
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if tensor.is_floating_point():
                tensor.copy_(_tensor(name, tensor))
    return model.eval()


def draw(shapes: Mapping[str, Sequence[int]]) -> dict[str, Tensor]:
    """Draw a state dict by the names and shapes of its tensors, those of any library."""
    drawn: dict[str, Tensor] = {}
    for name, shape in shapes.items():
        values = numbers(name, tuple(shape))
        if not shape:  # a counter of batches
            drawn[name] = torch.zeros((), dtype=torch.int64)
        elif len(shape) > 1:  # He initialisation
            drawn[name] = values * (6 / values[0].numel()) ** 0.5
        elif name.endswith("weight"):  # of a batch norm
            drawn[name] = 0.7 * (1 + 0.5 * values)
        else:
            drawn[name] = 1 + 0.5 * values if name.endswith("running_var") else 0.1 * values
    return drawn
