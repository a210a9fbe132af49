"""Specs: layers whose input shape is not known yet, in which the tables of architectures are written."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from torch import nn

from headrace.arguments import check_integer, show_value
from headrace.errors import UsageError

__all__ = ["LayerSpec", "MapsTooSmallError", "Shape", "Stack", "Stages", "build", "build_stack", "check_spec"]

Shape = tuple[int, int, int]  # channels, height, width; flat features are (features, 1, 1)


class LayerSpec(Protocol):
    """A layer, or a group of layers, that `build` makes for an input shape."""

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """Build the layer, with new weights, for inputs of `shape`.

        Returns:
            The layer and its output shape. A side below 1 means that the input is too small.
        """
        ...


class MapsTooSmallError(UsageError):
    """Maps are too small for a stage."""


Stages = Mapping[str, LayerSpec] | Sequence[LayerSpec]


def build_stack(stages: Stages, shape: Shape) -> tuple[nn.Sequential, Shape]:
    """Build `stages` one after another, named by their keys, or by their positions in a sequence.

    Raises:
        UsageError: The input is too small for one of the stages, or a stage is not a spec.
    """
    if not isinstance(stages, Mapping | Sequence):  # pyright: ignore[reportUnnecessaryIsInstance]
        hint = "pass a list of specs, or a mapping of names to specs"
        raise UsageError(f"expected stages, got {show_value(stages)}", hint=hint)
    named = stages if isinstance(stages, Mapping) else {str(n): each for n, each in enumerate(stages)}
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for name, spec in named.items():
        check_spec(spec, f"stage '{name}'")
        layers[name], after = spec.build(shape)
        if min(after) < 1:
            raise MapsTooSmallError(
                f"maps of {shape[1]}x{shape[2]} pixels are too small for stage '{name}'",
                hint="enlarge the images or choose a model with fewer pools",
            )
        shape = after
    return nn.Sequential(layers), shape


def check_spec(spec: Any, name: str) -> None:
    """Check that an object is a spec, not a class or a module.

    Raises:
        UsageError: It is not.
    """
    if isinstance(spec, type | nn.Module) or not hasattr(spec, "build"):
        hint = "pass a spec such as Conv(64, 3), not a class or a module"
        raise UsageError(f"{name}: expected a spec of a layer, got {show_value(spec)}", hint=hint)


def build(spec: LayerSpec, in_channels: int, input_size: int | tuple[int, int] = (224, 224)) -> nn.Module:
    """Build the module of one spec, outside a model.

    Args:
        spec: `ResidualUnit(...)`, `Inception(...)`, `Conv(...)`, ...
        in_channels: Number of input maps.
        input_size: (height, width) of the input maps, or one number for both; only flat layers depend on it.

    Returns:
        A module whose input is float [N, in_channels, height, width].

    Raises:
        UsageError: A number is not an integer above 0, or the maps are too small for the layer.

    Example:
        >>> build(ResidualUnit(128, stride=2), in_channels=64)(torch.zeros(1, 64, 28, 28)).shape
        torch.Size([1, 128, 14, 14])
    """
    check_spec(spec, "spec")
    sides = input_size if isinstance(input_size, Sequence) else (input_size, input_size)
    shape = tuple(check_integer(each, "input maps", 1) for each in (in_channels, *sides))
    if len(shape) != 3:
        what = f"input_size: expected one integer or (height, width), got {show_value(input_size)}"
        raise UsageError(what, hint="pass (224, 224)")
    layers, _ = build_stack({"0": spec}, shape)  # pyright: ignore[reportArgumentType]
    return layers[0]


@dataclass(frozen=True)
class Stack:
    """Spec of several stages, one after another, as one layer."""

    stages: Stages

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        return build_stack(self.stages, shape)
