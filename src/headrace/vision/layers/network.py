"""Build a network with initial weights from a table of layer specs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from headrace.arguments import check_integer, check_number
from headrace.errors import UsageError
from headrace.suggestions import suggest
from headrace.vision.layers.initialise import initialise
from headrace.vision.layers.padding import pair
from headrace.vision.layers.spec import LayerSpec, MapsTooSmallError, Shape, Stages, build_stack

__all__ = ["AuxiliaryNetwork", "Heads", "add_input_transform", "auxiliary_network", "is_small", "network"]

_PHOTOGRAPH_SIZE = 75  # pixels; the smallest image that Inception-v3's stem for photographs accepts


def is_small(input_size: tuple[int, int]) -> bool:
    """Return whether images are so small (28x28, 32x32, under 75 pixels) that a stem must not shrink them."""
    return min(input_size) < _PHOTOGRAPH_SIZE


def network(
    stages: Stages,
    *,
    num_classes: int,
    in_channels: int,
    input_size: tuple[int, int],
) -> nn.Sequential:
    """Build `stages` one after another, the last of them flat, and a linear layer `output`.

    Args:
        stages: The table of the architecture.
        num_classes: Number of classes.
        in_channels: Number of channels of the images.
        input_size: (height, width) of the images.

    Returns:
        A module from float [N, in_channels, *input_size] to logits [N, num_classes]. Weights are drawn by
        `initialise` from torch's global generator.

    Raises:
        UsageError: The images are too small for one of the stages, a stage is not a spec, or a number is not
            an integer above 0.
    """
    in_channels, input_size = check_integer(in_channels, "in_channels", 1), pair(input_size, "input_size")
    with _name_image_size(input_size):
        return _build_classifier(stages, (in_channels, *input_size), num_classes)


class AuxiliaryNetwork(nn.Module):
    """A network in which some stages feed an auxiliary classifier during training.

    In evaluation mode, float [N, C, H, W] to logits [N, classes]. In training mode, to a tuple of the logits
    and those of each auxiliary head, in the order of the stages. The loss is that of the first logits plus
    `auxiliary_weight` times the losses of the others.

    Args:
        stages: The network; its stages keep their names.
        heads: The auxiliary head by the name of the stage that feeds it; registered under `auxiliary`.
        weight: Weight of an auxiliary loss.
    """

    def __init__(self, stages: nn.Sequential, heads: Mapping[str, nn.Module], weight: float) -> None:
        super().__init__()
        self.auxiliary_weight = check_number(weight, "weight", least=0)
        self.auxiliary = nn.ModuleDict(heads)
        self.stages = [name for name, _ in stages.named_children()]
        for name, stage in stages.named_children():
            self.add_module(name, stage)

    def forward(self, images: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Compute logits from images."""
        auxiliary: list[Tensor] = []
        for name in self.stages:
            images = self.get_submodule(name)(images)
            if self.training and name in self.auxiliary:
                auxiliary.append(self.auxiliary[name](images))
        return (images, *auxiliary) if self.training else images


Heads = Mapping[str, Stages]


def auxiliary_network(
    stages: Mapping[str, LayerSpec],
    heads: Heads,
    weight: float,
    *,
    num_classes: int,
    in_channels: int,
    input_size: tuple[int, int],
) -> AuxiliaryNetwork:
    """Build `network` with auxiliary heads.

    Args:
        stages: The table of the architecture.
        heads: The layers of each auxiliary head, by the name of the stage that feeds it.
        weight: Weight of an auxiliary loss.
        num_classes: Number of classes.
        in_channels: Number of channels of the images.
        input_size: (height, width) of the images.

    Raises:
        UsageError: See `network`; or a head is that of no stage.
    """
    input_size = pair(input_size, "input_size")
    shape = (check_integer(in_channels, "in_channels", 1), *input_size)
    for name in heads:
        if name not in stages:
            raise UsageError(f"heads: no stage is named '{name}'", hint=suggest(name, stages))
    with _name_image_size(input_size):
        trunk = _build_classifier(stages, shape, num_classes)
        shapes = dict(_output_shapes(stages, shape))
        built = {name: _build_classifier(head, shapes[name], num_classes) for name, head in heads.items()}
    return AuxiliaryNetwork(trunk, built, weight)


def _output_shapes(stages: Mapping[str, LayerSpec], shape: Shape) -> Iterable[tuple[str, Shape]]:
    """Yield the output shape of each stage."""
    with torch.device("meta"):
        for name, spec in stages.items():
            _, shape = spec.build(shape)
            yield name, shape


def _build_classifier(stages: Stages, shape: Shape, num_classes: int) -> nn.Sequential:
    layers, (features, *sides) = build_stack(stages, shape)
    if sides != [1, 1]:
        what = f"expected flat features before the output layer, got maps of {sides[0]}x{sides[1]} pixels"
        raise UsageError(what, hint="end the stages with GlobalPool() or Flatten()")
    layers.add_module("output", nn.Linear(features, check_integer(num_classes, "num_classes", 1)))
    return initialise(layers)


def add_input_transform(network: nn.Module, layer: nn.Module) -> nn.Module:
    """Put a layer before the stages of a network, under the name `transform_input`.

    Args:
        network: What `network` or `auxiliary_network` built.
        layer: The layer.

    Returns:
        The network with the layer, which shares the weights.
    """
    if isinstance(network, AuxiliaryNetwork):
        network.add_module("transform_input", layer)
        network.stages.insert(0, "transform_input")
        return network
    return nn.Sequential(OrderedDict([("transform_input", layer), *network.named_children()]))


@contextmanager
def _name_image_size(input_size: tuple[int, int]) -> Generator[None]:
    """Name the size of the images, not only that of a stage's maps, in an error about maps too small."""
    try:
        yield
    except MapsTooSmallError as error:
        height, width = input_size
        raise UsageError(
            f"images of {height}x{width} pixels are too small for this network ({error.what})",
            hint=error.hint,
        ) from error
