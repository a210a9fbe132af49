"""What fine-tuning changes about weights from a file: a new head, and other channels of the images."""

from __future__ import annotations

import re
from dataclasses import dataclass

from torch import Tensor

from headrace.vision.weights.match import Naming, Tensors

__all__ = ["WITHOUT_HEAD", "LoadedWeights", "adapt_channels", "drop_head"]

# The output layer of every network, and the auxiliary classifiers.
_HEAD = r"^(?:output|auxiliary)\..*"
WITHOUT_HEAD: Naming = ((_HEAD, ""),)
_SHOWN = 4  # names of a list
_COLOURS = 3


@dataclass(frozen=True)
class LoadedWeights:
    """What was read of a file of weights.

    Attributes:
        naming: The naming that matched.
        new: The tensors of the model that keep their initial values.
        left_out: The tensors of the file that were not read, by the names of the file.
        channels: How the first convolution was adapted to the channels of the images; "" if it was not.
    """

    naming: str
    new: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    channels: str = ""

    def __str__(self) -> str:
        """Format as one phrase."""
        left_out = f"left out of the file: {_list(self.left_out)}" if self.left_out else ""
        parts = (f"new: {_list(self.new)}" if self.new else "", left_out, self.channels)
        return "; ".join(part for part in parts if part)


def drop_head(tensors: Tensors) -> dict[str, Tensor]:
    """Return the tensors of a model, by Headrace's names, without those of its head."""
    return {name: tensor for name, tensor in tensors.items() if not re.match(_HEAD, name)}


def adapt_channels(tensors: Tensors, expected: Tensors) -> tuple[Tensors, str]:
    """Adapt the first convolution of some weights to the channels of a model's images.

    - Of one channel or two, and of any number if the weights have one: each gets the mean of the kernels over
      the channels, times the quotient of the numbers of channels. Images with equal channels have the
      features that they had.
    - Of more channels than the three of the weights: the first three keep their kernels, and the others start
      at 0. Images have the features of their first three channels, until the training finds more.

    Args:
        tensors: The weights, by Headrace's names.
        expected: The tensors of the model; the first with four dimensions is the first convolution.

    Returns:
        The weights, and what was done; "" if nothing.
    """
    name = next((name for name, tensor in expected.items() if tensor.ndim == 4), "")
    if name not in tensors or tensors[name].ndim != 4:
        return tensors, ""
    kernel, (_, after, *_) = tensors[name], expected[name].shape
    before = kernel.shape[1]
    if before == after or not kernel.is_floating_point():
        return tensors, ""
    if before == 1 or (before == _COLOURS and after < _COLOURS):
        adapted = kernel.mean(1, keepdim=True).mul(before / after).repeat(1, after, 1, 1)
        what = f"{name}: {before} to {after} channels by the mean of its kernels, times {before}/{after}"
    elif before == _COLOURS:
        adapted = kernel.new_zeros(len(kernel), after, *kernel.shape[2:])
        adapted[:, :before] = kernel
        what = f"{name}: {before} to {after} channels, kernels of the last {after - before} start at 0"
    else:
        return tensors, ""
    return {**tensors, name: adapted}, what


def _list(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown}, ... ({len(names)} tensors)"
