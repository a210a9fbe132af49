"""A model as the table that a textbook prints: a row a stage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor, nn

from headrace.vision.cost import cost

__all__ = ["Stage", "stage_table", "stages"]


@dataclass(frozen=True)
class Stage:
    """One of a model's top-level layers.

    Attributes:
        name: Its name in the model.
        kind: The class of what works in it.
        output: The output's shape, without the batch; () where it is not used in inference.
        kernel: "11x11", "" where there is not one kernel.
        stride: As `kernel`.
        padding: "SAME", "VALID", ..., or pixels.
        activation: "ReLU", ...
        parameters: Weights and biases.
        macs: Multiplications with addition an instance, in inference.
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
    """The stages of a model, in order.

    Args:
        model: Left as it is; it may be on the meta device.
        input_shape: One instance's, (channels, height, width).

    Raises:
        ModelError: The model fails on this shape.

    Example:
        >>> [stage.output for stage in stages(nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten()), (1, 5, 5))]
        [(8, 3, 3), (72,)]
    """
    outputs: dict[str, tuple[int, ...]] = {}

    def keep(name: str, output: object) -> None:
        if isinstance(output, Tensor):
            outputs[name] = tuple(output.shape[1:])

    children = list(model.named_children())
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
    """Kernel, stride and padding of the only layer that has them."""
    windows = [each for each in layer.modules() if hasattr(each, "kernel_size")]
    if len(windows) != 1:
        return "", "", ""
    (only,) = windows
    padding = getattr(only, "edges", getattr(only, "padding", ""))
    return _square(only.kernel_size), _square(getattr(only, "stride", "")), _square(padding)


def _square(value: object) -> str:
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _activation(layer: nn.Module) -> str:
    activation = getattr(layer, "activation", None)
    return type(activation).__name__ if isinstance(activation, nn.Module) else ""


def stage_table(model: nn.Module, input_shape: tuple[int, ...]) -> str:
    """`stages` in columns, the input above and the sums below."""
    found = stages(model, input_shape)
    heading = ("layer", "type", "output", "kernel", "stride", "padding", "activation", "parameters", "MACs")
    parameters = sum(weight.numel() for weight in model.parameters())
    sums = ("in all", "", "", "", "", "", "", f"{parameters:,}", f"{sum(stage.macs for stage in found):,}")
    rows = [heading, ("input", "", _shape(input_shape), *[""] * 6), *map(_row, found), sums]
    used = [column for column in zip(*rows, strict=True) if any(column[1:])]
    return "\n".join("  ".join(cells).rstrip() for cells in zip(*map(_aligned, used), strict=True))


def _row(stage: Stage) -> tuple[str, ...]:
    window = (stage.kernel, stage.stride, stage.padding, stage.activation)
    return (stage.name, stage.kind, _shape(stage.output), *window, f"{stage.parameters:,}", f"{stage.macs:,}")


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _aligned(column: tuple[str, ...]) -> Iterator[str]:
    """Numbers to the right, words to the left."""
    width = max(map(len, column))
    right = column[0] in ("output", "parameters", "MACs")
    return (cell.rjust(width) if right else cell.ljust(width) for cell in column)
