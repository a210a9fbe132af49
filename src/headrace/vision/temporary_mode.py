"""A model in another mode and with hooks, for a while."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from torch import nn
from torch.utils.hooks import RemovableHandle

__all__ = ["borrowed"]


@contextmanager
def borrowed(model: nn.Module, *, training: bool) -> Generator[list[RemovableHandle]]:
    """In training or evaluation mode; hooks put into the list, and modes, are then as before."""
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
