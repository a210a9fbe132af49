"""The registry of models by name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypedDict, TypeVar, Unpack

import torch
from torch import nn

from headrace.errors import UsageError
from headrace.suggestions import suggest
from headrace.vision.weights import Naming, load_weights

__all__ = ["ModelSpec", "create_model", "find_model", "list_models", "register_model"]


class Builder(Protocol):
    """A function that builds a model."""

    def __call__(self, *, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
        """Build a model from float [N, in_channels, *input_size] to logits [N, num_classes]."""
        ...


@dataclass(frozen=True)
class ModelSpec:
    """A registered model.

    Attributes:
        name: The name for `create_model`.
        build: The function that builds the model.
        input_size: The (height, width) that the model was designed for.
        source: The publication of the architecture.
        num_classes: The published number of classes.
        in_channels: The published number of input channels.
        parameters: The published number of parameters; None if unknown.
        reference: The source of that number.
        namings: The libraries whose weights can be loaded, and their tensor names.
    """

    name: str
    build: Builder
    input_size: tuple[int, int]
    source: str
    num_classes: int = 10
    in_channels: int = 1
    parameters: int | None = None
    reference: str = ""
    namings: Mapping[str, Naming] = field(default_factory=dict[str, Naming])


class Published(TypedDict, total=False):
    """Optional fields of `ModelSpec`."""

    num_classes: int
    in_channels: int
    parameters: int
    reference: str
    namings: Mapping[str, Naming]


BuilderT = TypeVar("BuilderT", bound=Builder)

_models: dict[str, ModelSpec] = {}


def register_model(
    *, input_size: tuple[int, int], source: str, name: str | None = None, **published: Unpack[Published]
) -> Callable[[BuilderT], BuilderT]:
    """Register the decorated builder.

    Args:
        input_size: The default (height, width) of `create_model`.
        source: The publication of the architecture.
        name: The model's name; None for the function's name.
        published: The optional fields of `ModelSpec`.

    Raises:
        UsageError: The name is already registered.
    """

    def register(build: BuilderT) -> BuilderT:
        key = name or str(getattr(build, "__name__", ""))
        if key in _models:
            raise UsageError(f"a model named '{key}' is already registered", hint="choose another name")
        _models[key] = ModelSpec(key, build, input_size, source, **published)
        return build

    return register


def list_models() -> list[str]:
    """List the names of the registered models, sorted."""
    return sorted(_models)


def find_model(name: str) -> ModelSpec:
    """Return the registered model of that name.

    Raises:
        UsageError: No model has that name; the hint lists similar names.
    """
    if name not in _models:
        raise UsageError(f"no model is named '{name}'", hint=suggest(name, _models))
    return _models[name]


def create_model(
    name: str,
    *,
    num_classes: int | None = None,
    in_channels: int | None = None,
    input_size: tuple[int, int] | None = None,
    seed: int = 0,
    weights: str | os.PathLike[str] | None = None,
) -> nn.Module:
    """Create a model with random initial weights, or with weights from a file.

    Args:
        name: One of `list_models()`.
        num_classes: Number of classes; None for the published number, 10 or 1,000.
        in_channels: 1 for grey images, 3 for colour; None for the published number.
        input_size: (height, width) of the images; None for the size the model was designed for. Under 75
            pixels, models for photographs get a stem that does not reduce the size.
        seed: Seed of the initial weights. torch's global generator is not changed.
        weights: A safetensors file, or a state dict written by `torch.save`, with Headrace's tensor names or
            those of a library in `ModelSpec.namings`.

    Returns:
        A module from float [N, in_channels, height, width] to logits [N, num_classes].

    Raises:
        UsageError: The name is unknown, a number is below 1, or the images are too small for the model.
        ModelError: The weights cannot be read, or belong to a different model.

    Example:
        >>> create_model("lenet5")(torch.zeros(2, 1, 28, 28)).shape
        torch.Size([2, 10])
    """
    spec = find_model(name)
    classes = spec.num_classes if num_classes is None else num_classes
    channels = spec.in_channels if in_channels is None else in_channels
    height, width = spec.input_size if input_size is None else input_size
    if min(classes, channels, height, width) < 1:
        raise UsageError(
            f"expected positive sizes, got {classes} classes, {channels} channels, {height}x{width} pixels",
            hint="pass numbers above zero",
        )
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        model = spec.build(num_classes=classes, in_channels=channels, input_size=(height, width))
    if weights is not None:
        load_weights(model, weights, spec.namings)
    return model
