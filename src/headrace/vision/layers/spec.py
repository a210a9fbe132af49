"""Layers before they know their input: what the tables of the architectures are written in."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import nn

from headrace.errors import UsageError

__all__ = ["Column", "Plan", "Shape", "Stages", "build", "column"]

Shape = tuple[int, int, int]  # channels, height, width; flat features are (features, 1, 1)


class Plan(Protocol):
    """A layer, or many, to be built for the shape that comes in."""

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """The layer, with new weights, and the shape it gives; below 1 where nothing is left of the image."""
        ...


Stages = Mapping[str, Plan] | Sequence[Plan]


def column(stages: Stages, shape: Shape) -> tuple[nn.Sequential, Shape]:
    """`stages` one after the other, under their names, or their numbers if they have none.

    Raises:
        UsageError: Nothing is left of the image at some stage.
    """
    named = stages if isinstance(stages, Mapping) else {str(n): each for n, each in enumerate(stages)}
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for name, plan in named.items():
        layers[name], after = plan.build(shape)
        if min(after) < 1:
            raise UsageError(
                f"nothing is left of an image of {shape[1]}x{shape[2]} pixels at '{name}'",
                hint="enlarge the images or choose a model with fewer pools",
            )
        shape = after
    return nn.Sequential(layers), shape


def build(plan: Plan, in_channels: int, input_size: tuple[int, int] = (224, 224)) -> nn.Module:
    """One plan as a module of its own, outside a model.

    Args:
        plan: `ResidualUnit(...)`, `Inception(...)`, `Conv(...)`, ...
        in_channels: Maps that come in.
        input_size: (height, width) of the maps; only flat layers depend on it.

    Returns:
        A module that takes float [N, in_channels, height, width].

    Example:
        >>> build(ResidualUnit(128, stride=2), in_channels=64)(torch.zeros(1, 64, 28, 28)).shape
        torch.Size([1, 128, 14, 14])
    """
    return plan.build((in_channels, *input_size))[0]


@dataclass(frozen=True)
class Column:
    """Stages one after the other, as one layer."""

    stages: Stages

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """The layers, and the shape they give."""
        return column(self.stages, shape)
