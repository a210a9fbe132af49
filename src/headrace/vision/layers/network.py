"""A table of layers as a network with first weights."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from headrace.errors import UsageError
from headrace.vision.layers.initialise import initialise
from headrace.vision.layers.spec import Plan, Shape, Stages, column

__all__ = ["AuxiliaryNetwork", "Heads", "auxiliary_network", "is_small", "network"]

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
    with _sized(input_size):
        return _classifier(stages, (in_channels, *input_size), num_classes)


class AuxiliaryNetwork(nn.Module):
    """A column of stages, some of which feed a small classifier of their own while the model is trained.

    In evaluation, float [N, C, H, W] to logits [N, classes]; in training, to a tuple: those logits and each
    auxiliary head's, in the stages' order. The loss is the first's plus `auxiliary_weight` times the others'.

    Args:
        stages: The column; its stages keep their names.
        heads: Stage name to the head that it feeds; registered under `auxiliary`.
        weight: Of an auxiliary loss.
    """

    def __init__(self, stages: nn.Sequential, heads: Mapping[str, nn.Module], weight: float) -> None:
        super().__init__()
        self.auxiliary_weight = weight
        self.auxiliary = nn.ModuleDict(heads)
        self.stages = [name for name, _ in stages.named_children()]
        for name, stage in stages.named_children():
            self.add_module(name, stage)

    def forward(self, images: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Images to logits."""
        others: list[Tensor] = []
        for name in self.stages:
            images = self.get_submodule(name)(images)
            if self.training and name in self.auxiliary:
                others.append(self.auxiliary[name](images))
        return (images, *others) if self.training else images


Heads = Mapping[str, Stages]


def auxiliary_network(
    stages: Mapping[str, Plan],
    heads: Heads,
    weight: float,
    *,
    num_classes: int,
    in_channels: int,
    input_size: tuple[int, int],
) -> AuxiliaryNetwork:
    """`network` with `heads`: stage name to the layers of the auxiliary head that it feeds.

    Raises:
        UsageError: The images are so small that nothing is left of them at some stage.
    """
    shape = (in_channels, *input_size)
    with _sized(input_size):
        trunk = _classifier(stages, shape, num_classes)
        shapes = dict(_shapes(stages, shape))
        built = {name: _classifier(head, shapes[name], num_classes) for name, head in heads.items()}
    return AuxiliaryNetwork(trunk, built, weight)


def _shapes(stages: Mapping[str, Plan], shape: Shape) -> Iterable[tuple[str, Shape]]:
    """What each stage gives."""
    with torch.device("meta"):
        for name, plan in stages.items():
            _, shape = plan.build(shape)
            yield name, shape


def _classifier(stages: Stages, shape: Shape, num_classes: int) -> nn.Sequential:
    layers, (features, *_) = column(stages, shape)
    layers.add_module("output", nn.Linear(features, num_classes))
    return initialise(layers)


@contextmanager
def _sized(input_size: tuple[int, int]) -> Generator[None]:
    """Images that are too small are named by their own size, not that of the maps they become."""
    try:
        yield
    except UsageError as error:
        height, width = input_size
        raise UsageError(
            f"images of {height}x{width} pixels are too small for this network ({error.what})",
            hint=error.hint,
        ) from error
