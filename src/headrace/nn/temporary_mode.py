"""The model that a function gets: its check, its temporary mode, and temporary hooks."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from torch import nn
from torch.nn.parameter import is_lazy
from torch.utils.hooks import RemovableHandle

from headrace.arguments import show_value
from headrace.errors import ModelError, UsageError

__all__ = ["check_model", "check_shapes", "temporary_mode"]


def check_model(model: object) -> nn.Module:
    """Return a model.

    Raises:
        UsageError: `model` is not a module.
    """
    if not isinstance(model, nn.Module):
        hint = "create it: hr.vision.create_model(name)" if isinstance(model, str) else "pass an nn.Module"
        raise UsageError(f"model: expected a module, got {show_value(model)}", hint=hint)
    return model


def check_shapes(model: nn.Module) -> None:
    """Check that all parameters of a model have shapes; those of lazy layers get them from a first call.

    Raises:
        ModelError: A parameter has none yet.
    """
    for name, parameter in model.named_parameters():
        if is_lazy(parameter):
            what = f"the parameter '{name}' has no shape yet"
            raise ModelError(what, hint="train the model, or call it once")


@contextmanager
def temporary_mode(model: nn.Module, *, training: bool) -> Generator[list[RemovableHandle]]:
    """Put a model into training or evaluation mode inside a `with` block.

    Args:
        model: Each layer's mode is restored at the end of the block.
        training: The mode inside the block.

    Yields:
        A list; hooks appended to it are removed at the end of the block.
    """
    modes = {layer: layer.training for layer in model.modules()}
    hooks: list[RemovableHandle] = []
    model.train(training)
    try:
        yield hooks
    finally:
        for hook in hooks:
            hook.remove()
        for layer, mode in modes.items():
            layer.training = mode
