"""The layers of a model by their paths, and the outputs that they compute."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from headrace.arguments import show_value
from headrace.errors import SchemaError, UsageError
from headrace.nn import check_model, describe_failure, temporary_mode
from headrace.suggestions import find_similar

__all__ = ["Layer", "call_model", "capture_outputs", "find_path", "is_maps", "list_layers", "no_maps_error"]

Layer = str | nn.Module
"""A layer of a model, or its path in the model."""


def is_maps(output: Any) -> bool:
    """Return whether an output is maps, [N, channels, height, width]."""
    return isinstance(output, Tensor) and output.ndim == 4


def find_path(model: nn.Module, layer: Any) -> str:
    """Return the path of a layer, which is given by its path or itself."""
    paths = dict(check_model(model).named_modules(remove_duplicate=False))
    if isinstance(layer, nn.Module):
        path = next((name for name, each in paths.items() if each is layer), None)
        if path is None:
            raise UsageError("layer: the module is not a layer of the model", hint=list_layers(model))
        return path
    if not isinstance(layer, str):
        what = f"layer: expected the path of a layer, got {show_value(layer)}"
        raise UsageError(what, hint=list_layers(model))
    if layer not in paths:
        hint = find_similar(layer, paths) or list_layers(model)
        raise UsageError(f"the model has no layer '{layer}'", hint=hint)
    return layer


def no_maps_error(model: nn.Module, name: str, *, called: bool) -> UsageError:
    """Create the error for a layer without maps."""
    what = (
        f"the output of layer '{name}' is not maps"
        if called
        else f"layer '{name}' is not called in inference"
    )
    return UsageError(what, hint=list_layers(model))


def list_layers(model: nn.Module) -> str:
    """Write a hint with the first convolutions of a model."""
    names = [name for name, each in model.named_modules() if isinstance(each, nn.Conv2d)]
    return f"choose among {', '.join(names[:8])}" + (", ..." if len(names) > 8 else "")


def call_model(model: nn.Module, images: Tensor) -> Any:
    """Call a model with a copy of images, which its first layer may overwrite.

    Raises:
        SchemaError: The images are not a tensor.
        ModelError: The model fails on them.
    """
    if not isinstance(images, Tensor):  # pyright: ignore[reportUnnecessaryIsInstance]
        what = f"images: expected a tensor, got {show_value(images)}"
        raise SchemaError(what, hint="pass float [N, channels, height, width]")
    try:
        return model(images.clone())
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        shape = f"{str(images.dtype).removeprefix('torch.')}{list(images.shape)}"
        hint = "pass images of the type, channels and size of the model"
        raise describe_failure(error, model, shape, hint) from error


@contextmanager
def capture_outputs(
    model: nn.Module, capture: Callable[[str, Any], Any] | None, layers: Sequence[str] | None = None
) -> Generator[None]:
    """Put the model into evaluation mode inside a `with` block and pass each layer's output to `capture`.

    What `capture` returns, unless it is None, replaces the output.
    """

    def hook(name: str) -> Callable[[nn.Module, Any, Any], None]:
        return lambda _layer, _inputs, output: None if capture is None else capture(name, output)

    with temporary_mode(model, training=False) as hooks:
        for name in [name for name, _ in model.named_modules()] if layers is None else dict.fromkeys(layers):
            hooks.append(model.get_submodule(name).register_forward_hook(hook(name)))
        yield
