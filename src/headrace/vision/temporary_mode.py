"""Temporary training or evaluation mode, and temporary hooks."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from torch import nn
from torch.utils.hooks import RemovableHandle

__all__ = ["temporary_mode"]


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
