"""A table of layers as a network with first weights."""

from __future__ import annotations

from torch import nn

from headrace.errors import UsageError
from headrace.vision.layers.initialise import initialise
from headrace.vision.layers.plan import Shape, Stages, column

__all__ = ["is_small", "network"]

_SMALLEST = 75  # pixels; Inception-v3 takes no less with its stem for photographs


def is_small(input_size: tuple[int, int]) -> bool:
    """Whether a stem should leave the size of such images alone (28x28, 32x32, under 75 pixels)."""
    return min(input_size) < _SMALLEST


def network(
    stages: Stages,
    *,
    num_classes: int,
    in_channels: int,
    input_size: tuple[int, int],
) -> nn.Sequential:
    """`stages` in a column, the last of them flat, then a linear layer `output` to the classes.

    Returns:
        A module from float [N, in_channels, *input_size] to logits [N, num_classes], weights drawn by
        `initialise` from torch's global generator.

    Raises:
        UsageError: The images are so small that nothing is left of them at some stage.
    """
    layers, shape = _column(stages, (in_channels, *input_size))
    layers.add_module("output", nn.Linear(shape[0], num_classes))
    return initialise(layers)


def _column(stages: Stages, shape: Shape) -> tuple[nn.Sequential, Shape]:
    try:
        return column(stages, shape)
    except UsageError as error:
        raise UsageError(
            f"images of {shape[1]}x{shape[2]} pixels are too small for this network ({error.what})",
            way_out=error.way_out,
        ) from error
