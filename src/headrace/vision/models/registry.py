"""Models by name."""

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

__all__ = ["ModelSpec", "create_model", "list_models", "register_model"]


class Builder(Protocol):
    """A function that builds a model."""

    def __call__(self, *, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
        """A new model: float [N, in_channels, *input_size] to logits [N, num_classes]."""
        ...


@dataclass(frozen=True)
class ModelSpec:
    """What the registry knows of a model.

    Attributes:
        name: What `create_model` calls it.
        build: Its builder.
        input_size: (height, width) it was designed for.
        source: The publication the architecture comes from.
        num_classes: As published.
        in_channels: As published.
        parameters: How many it has as published; None if nobody said.
        reference: Whose count that is.
        namings: Whose weights can be loaded, and what their names are here.
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
    """Fields of `ModelSpec` that may be left out."""

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
        input_size: (height, width) used when `create_model` is given none.
        source: The publication the architecture comes from.
        name: Its name; None takes the function's.
        published: The rest of `ModelSpec`.

    Raises:
        UsageError: A model of that name is registered already.
    """

    def register(build: BuilderT) -> BuilderT:
        called = name or str(getattr(build, "__name__", ""))
        if called in _models:
            raise UsageError(f"a model named '{called}' is registered already", hint="choose another name")
        _models[called] = ModelSpec(called, build, input_size, source, **published)
        return build

    return register


def list_models() -> list[str]:
    """The names `create_model` knows, sorted."""
    return sorted(_models)


def find_model(name: str) -> ModelSpec:
    """The registered model of that name.

    Raises:
        UsageError: No such model; the message lists the near names.
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
    """A new model, with freshly drawn weights or those of a file.

    Args:
        name: One of `list_models()`.
        num_classes: Width of the output; None for as many as were published, 10 or 1,000.
        in_channels: 1 for grey images, 3 for colour; None likewise.
        input_size: (height, width) of the images; None takes the size the model was designed for. Under 75
            pixels, models for photographs get a stem that leaves the size alone.
        seed: Decides the weights. torch's global generator is left alone.
        weights: A safetensors file or a state dict by `torch.save`, with our names, or torchvision's or
            timm's where the model comes from there.

    Returns:
        A module that takes float [N, in_channels, height, width] and gives logits [N, num_classes].

    Raises:
        UsageError: An unknown name, numbers below 1, or images too small for the model.
        ModelError: The weights cannot be read, or are not this model's.

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
            f"{classes} classes, {channels} channels, {height}x{width} pixels",
            hint="give numbers above zero",
        )
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        model = spec.build(num_classes=classes, in_channels=channels, input_size=(height, width))
    if weights is not None:
        load_weights(model, weights, spec.namings)
    return model
