"""Models by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Protocol

import torch
from torch import nn

from headrace.errors import UsageError

__all__ = ["ModelSpec", "create_model", "list_models", "register_model"]


class Builder(Protocol):
    """A function that builds a model; its name is the model's name."""

    __name__: str

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
    """

    name: str
    build: Builder
    input_size: tuple[int, int]
    source: str


_models: dict[str, ModelSpec] = {}


def register_model(*, input_size: tuple[int, int], source: str) -> Callable[[Builder], Builder]:
    """Register the decorated builder under its own name.

    Args:
        input_size: (height, width) used when `create_model` is given none.
        source: The publication the architecture comes from.

    Raises:
        UsageError: A model of that name is registered already.
    """

    def register(build: Builder) -> Builder:
        name = build.__name__
        if name in _models:
            raise UsageError(f"a model named '{name}' is registered already", way_out="choose another name")
        _models[name] = ModelSpec(name, build, input_size, source)
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
        near = get_close_matches(name, _models, n=3, cutoff=0.5) or list_models()
        raise UsageError(
            f"no model is named '{name}'", way_out="did you mean " + " or ".join(f"'{n}'" for n in near) + "?"
        )
    return _models[name]


def create_model(
    name: str,
    *,
    num_classes: int = 10,
    in_channels: int = 1,
    input_size: tuple[int, int] | None = None,
    seed: int = 0,
) -> nn.Module:
    """A new model with freshly drawn weights.

    Args:
        name: One of `list_models()`.
        num_classes: Width of the output.
        in_channels: 1 for grey images, 3 for colour.
        input_size: (height, width) of the images; None takes the size the model was designed for.
        seed: Decides the weights. torch's global generator is left alone.

    Returns:
        A module that takes float [N, in_channels, height, width] and gives logits [N, num_classes].

    Raises:
        UsageError: An unknown name, or images too small for the model.

    Example:
        >>> create_model("lenet5")(torch.zeros(2, 1, 28, 28)).shape
        torch.Size([2, 10])
    """
    spec = find_model(name)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        return spec.build(
            num_classes=num_classes, in_channels=in_channels, input_size=input_size or spec.input_size
        )
