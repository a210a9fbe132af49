"""A model's stages as a textbook prints them: one row per stage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor, nn

from headrace.nn import check_model
from headrace.vision.cost import cost

__all__ = ["Stage", "format_stages", "stages"]


@dataclass(frozen=True)
class Stage:
    """One of a model's top-level layers.

    Attributes:
        name: The layer's name in the model.
        kind: The layer's class; for a sequence of units, their number and class, as in "3 x Residual".
        output: Shape of the output without the batch dimension; () if the layer is unused in inference.
        kernel: Kernel size, as in "11x11"; "" unless the layer has exactly one kernel.
        stride: Stride, as in "2x2"; "" likewise.
        padding: "SAME", "VALID", "CEIL", or pixels; "" likewise.
        activation: Class of the activation, as in "ReLU"; "" for none.
        parameters: Number of weights and biases.
        macs: Multiply-accumulates per instance, in inference.
    """

    name: str
    kind: str
    output: tuple[int, ...]
    kernel: str
    stride: str
    padding: str
    activation: str
    parameters: int
    macs: int


def stages(model: nn.Module, input_shape: tuple[int, ...]) -> list[Stage]:
    """List the stages of a model, in order.

    Args:
        model: The model, which is not changed; it may be on the meta device.
        input_shape: Shape of one instance, (channels, height, width).

    Raises:
        ModelError: The model fails on this shape.
        UsageError: `model` is not a module, or see `cost`.

    Example:
        >>> [stage.output for stage in stages(nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten()), (1, 5, 5))]
        [(8, 3, 3), (72,)]
    """
    outputs: dict[str, tuple[int, ...]] = {}

    def keep(name: str, output: object) -> None:
        if isinstance(output, Tensor):
            outputs[name] = tuple(output.shape[1:])

    children = list(check_model(model).named_children())
    hooks = [
        layer.register_forward_hook(lambda _layer, _inputs, output, name=name: keep(name, output))
        for name, layer in children
    ]
    try:
        layers = cost(model, input_shape).layers
    finally:
        for hook in hooks:
            hook.remove()
    return [
        Stage(
            name,
            _kind(layer),
            outputs.get(name, ()),
            *_window(layer),
            _activation(layer),
            sum(weight.numel() for weight in layer.parameters()),
            sum(each.macs for each in layers if each.name == name or each.name.startswith(f"{name}.")),
        )
        for name, layer in children
    ]


def _kind(layer: nn.Module) -> str:
    children = list(layer.named_children())
    if not isinstance(layer, nn.Sequential) or not children:
        return type(layer).__name__
    (name, first), *rest = children
    if name != "0":
        return type(first).__name__
    return f"{1 + len(rest)} x {type(first).__name__}"


def _window(layer: nn.Module) -> tuple[str, str, str]:
    """Return kernel, stride and padding if exactly one inner layer has them."""
    windows = [each for each in layer.modules() if hasattr(each, "kernel_size")]
    if len(windows) != 1:
        return "", "", ""
    (only,) = windows
    padding = getattr(only, "edges", getattr(only, "padding", ""))
    return _format_pair(only.kernel_size), _format_pair(getattr(only, "stride", "")), _format_pair(padding)


def _format_pair(value: object) -> str:
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _activation(layer: nn.Module) -> str:
    activation = getattr(layer, "activation", None)
    return type(activation).__name__ if isinstance(activation, nn.Module) else ""


def format_stages(model: nn.Module, input_shape: tuple[int, ...]) -> str:
    """Format `stages` as a text table, with a row for the input and a row of totals.

    Args:
        model: The model, which is not changed.
        input_shape: Shape of one instance, (channels, height, width).

    Raises:
        ModelError: The model fails on this shape.
    """
    found = stages(model, input_shape)
    heading = ("layer", "type", "output", "kernel", "stride", "padding", "activation", "parameters", "MACs")
    parameters = sum(weight.numel() for weight in model.parameters())
    macs = sum(stage.macs for stage in found)
    totals = ("total", "", "", "", "", "", "", f"{parameters:,}", f"{macs:,}")
    rows = [heading, ("input", "", _format_shape(input_shape), *[""] * 6), *map(_row, found), totals]
    used = [column for column in zip(*rows, strict=True) if any(column[1:])]
    return "\n".join("  ".join(cells).rstrip() for cells in zip(*map(_align, used), strict=True))


def _row(stage: Stage) -> tuple[str, ...]:
    window = (stage.kernel, stage.stride, stage.padding, stage.activation)
    counts = (f"{stage.parameters:,}", f"{stage.macs:,}")
    return (stage.name, stage.kind, _format_shape(stage.output), *window, *counts)


def _format_shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _align(column: tuple[str, ...]) -> Iterator[str]:
    """Pad cells to one width: numbers to the right, words to the left."""
    width = max(map(len, column))
    right = column[0] in ("output", "parameters", "MACs")
    return (cell.rjust(width) if right else cell.ljust(width) for cell in column)
