"""Specs: layers whose input shape is not known yet, in which the tables of architectures are written."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import nn

from headrace.errors import UsageError

__all__ = ["LayerSpec", "Shape", "Stack", "Stages", "build", "build_stack"]

Shape = tuple[int, int, int]  # channels, height, width; flat features are (features, 1, 1)


class LayerSpec(Protocol):
    """A layer, or a group of layers, that `build` makes for an input shape."""

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """Build the layer, with new weights, for inputs of `shape`.

        Returns:
            The layer and its output shape. A side below 1 means that the input is too small.
        """
        ...


Stages = Mapping[str, LayerSpec] | Sequence[LayerSpec]


def build_stack(stages: Stages, shape: Shape) -> tuple[nn.Sequential, Shape]:
    """Build `stages` one after another, named by their keys, or by their positions in a sequence.

    Raises:
        UsageError: The input is too small for one of the stages.
    """
    named = stages if isinstance(stages, Mapping) else {str(n): each for n, each in enumerate(stages)}
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for name, spec in named.items():
        layers[name], after = spec.build(shape)
        if min(after) < 1:
            raise UsageError(
                f"maps of {shape[1]}x{shape[2]} pixels are too small for stage '{name}'",
                hint="enlarge the images or choose a model with fewer pools",
            )
        shape = after
    return nn.Sequential(layers), shape


def build(spec: LayerSpec, in_channels: int, input_size: tuple[int, int] = (224, 224)) -> nn.Module:
    """Build the module of one spec, outside a model.

    Args:
        spec: `ResidualUnit(...)`, `Inception(...)`, `Conv(...)`, ...
        in_channels: Number of input maps.
        input_size: (height, width) of the input maps; only flat layers depend on it.

    Returns:
        A module whose input is float [N, in_channels, height, width].

    Example:
        >>> build(ResidualUnit(128, stride=2), in_channels=64)(torch.zeros(1, 64, 28, 28)).shape
        torch.Size([1, 128, 14, 14])
    """
    return spec.build((in_channels, *input_size))[0]


@dataclass(frozen=True)
class Stack:
    """Spec of several stages, one after another, as one layer."""

    stages: Stages

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        return build_stack(self.stages, shape)
