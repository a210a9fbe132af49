"""The registry of models by name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypedDict, TypeVar, Unpack

import torch
from torch import Tensor, nn

from headrace.arguments import check_choice, check_flag, check_integer, check_string, show_value
from headrace.errors import UsageError
from headrace.source_line import warn_user
from headrace.suggestions import suggest
from headrace.vision.layers import ChannelAffine, add_input_transform
from headrace.vision.layers.padding import pair
from headrace.vision.weights import IMAGENET_TO_HALF, Naming, find_arguments, load_weights

__all__ = ["ModelSpec", "create_model", "find_model", "list_models", "register_model"]

WITHOUT_TRANSFORM: Naming = ((r"^transform_input\..*", ""),)


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
        input_transform: Whether weights of these libraries may come with torchvision's `transform_input`.
        mean: What these weights expect to be subtracted from pixels of [0, 1], red, green and blue; None if
            no library publishes weights for such pixels. With `transform_input=True` it is ImageNet's.
        deviation: What they expect the differences to be divided by.
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
    input_transform: bool = False
    mean: tuple[float, float, float] | None = None
    deviation: tuple[float, float, float] | None = None


class Published(TypedDict, total=False):
    """Optional fields of `ModelSpec`."""

    num_classes: int
    in_channels: int
    parameters: int
    reference: str
    namings: Mapping[str, Naming]
    input_transform: bool
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]


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
        UsageError: The name is already registered or empty, or `input_size` is not one or two integers.
    """

    def register(build: BuilderT) -> BuilderT:
        if not callable(build):
            what = f"expected a function that builds a model, got {show_value(build)}"
            raise UsageError(what, hint="decorate a function of num_classes, in_channels and input_size")
        key = check_string(str(getattr(build, "__name__", "")) if name is None else name, "name")
        if key in _models:
            raise UsageError(f"a model named '{key}' is already registered", hint="choose another name")
        _models[key] = ModelSpec(key, build, pair(input_size, "input_size"), source, **published)
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
    if check_string(name, "name") not in _models:
        raise UsageError(f"no model is named '{name}'", hint=suggest(name, _models))
    return _models[name]


def create_model(
    name: str,
    *,
    num_classes: int | None = None,
    in_channels: int | None = None,
    input_size: int | tuple[int, int] | None = None,
    seed: int = 0,
    weights: str | os.PathLike[str] | None = None,
    head: str = "loaded",
    transform_input: bool | None = None,
) -> nn.Module:
    """Create a model with random initial weights, or with weights from a file.

    Args:
        name: One of `list_models()`.
        num_classes: Number of classes; None for the published number, 10 or 1,000.
        in_channels: 1 for grey images, 3 for colour; None for the published number.
        input_size: (height, width) of the images, or one number for both; None for the size the model was
            designed for. Under 75 pixels, models for photographs get a stem that does not reduce the size.
        seed: Seed of the initial weights. torch's global generator is not changed.
        weights: A safetensors file, or a state dict written by `torch.save`, at the top level or in dicts
            such as {"model_state_dict": ...}, with Headrace's tensor names or those of a library in
            `ModelSpec.namings`.
        head: "loaded" reads every tensor of `weights`. "new", for fine-tuning, keeps the initial weights of
            the output layer and of auxiliary classifiers, so `num_classes` is free, and adapts the first
            convolution to `in_channels`: to one channel or two by the mean of its kernels, times 3 or 1.5; to
            more than three by zeros for those after the third. A warning names what was left out.
        transform_input: Whether the network rescales images normalised by ImageNet's means and deviations
            (0.485, 0.456, 0.406 and 0.229, 0.224, 0.225) to those of 0.5, as torchvision's googlenet and
            inception_v3 do with their pretrained weights. Weights by another library's names require True or
            False for these models, since the file does not tell: True for torchvision's pretrained weights;
            False if you normalise images by the mean and deviation of `ModelSpec`, 0.5.

    Returns:
        A module from float [N, in_channels, height, width] to logits [N, num_classes].

    Raises:
        UsageError: The name is unknown, a number is below 1 or not an integer, the images are too small for
            the model, `head` is unknown, or `transform_input` does not apply to the model or is missing.
        ModelError: The weights cannot be read, or belong to a different model.

    Example:
        >>> create_model("lenet5")(torch.zeros(2, 1, 28, 28)).shape
        torch.Size([2, 10])
    """
    spec = find_model(name)
    new_head = check_choice(head, "head", ("loaded", "new")) == "new"
    arguments: dict[str, Any] = {
        "num_classes": check_integer(
            spec.num_classes if num_classes is None else num_classes, "num_classes", 1
        ),
        "in_channels": check_integer(
            spec.in_channels if in_channels is None else in_channels, "in_channels", 1
        ),
        "input_size": pair(spec.input_size if input_size is None else input_size, "input_size"),
    }
    transforms = transform_input is not None and check_flag(transform_input, "transform_input")
    if transforms and not (spec.input_transform and arguments["in_channels"] == 3):
        known = [each for each, other in _models.items() if other.input_transform]
        what = f"transform_input does not apply to '{name}' of {arguments['in_channels']} channels"
        raise UsageError(what, hint=f"it is for images of 3 channels and {', '.join(known)}")
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(check_integer(seed, "seed"))
        model = spec.build(**arguments)
    if weights is not None:
        namings = {
            **spec.namings,
            **({"headrace, with transform_input": WITHOUT_TRANSFORM} if transforms else {}),
        }
        explain = partial(_explain, spec, arguments, new_head=new_head)
        loaded = load_weights(model, weights, namings, explain, new_head=new_head)
        if spec.input_transform and transform_input is None and "torchvision" in loaded.naming:
            raise UsageError(
                f"weights of {name} by torchvision's names may need images rescaled by transform_input",
                path=os.fspath(weights),
                hint="pass transform_input=True for torchvision's pretrained weights, False for others",
            )
        if new_head:
            warn_user(f"{os.fspath(weights)}: {loaded}")
    return add_input_transform(model, ChannelAffine(*IMAGENET_TO_HALF)) if transforms else model


def _explain(
    spec: ModelSpec, arguments: dict[str, Any], tensors: Mapping[str, Tensor], *, new_head: bool
) -> tuple[str, str] | None:
    """Say with which arguments the model of some weights was created."""
    if any(name.startswith("transform_input.") for name in tensors):
        return "the weights come with an input transform", "pass transform_input=True"
    found = find_arguments(spec.build, arguments, tensors, spec.input_size, new_head=new_head)
    if found is None:
        return None
    known = ", ".join(f"{name}={value}" for name, value in found.items() if value is not None)
    size = "" if found.get("input_size", ()) is not None else "another input_size"
    wanted = " and ".join(each for each in (known, size) if each)
    given = ", ".join(f"{name}={arguments[name]}" for name in found)
    hint = f"pass {known}" if known and not size else "pass the input_size of the images of the training"
    if not new_head and "input_size" not in found:
        hint += ", or head='new' to fine-tune them"
    return f"the weights are those of {spec.name} with {wanted}, not with {given}", hint
