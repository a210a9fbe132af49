"""A model that is used and comes back as it was."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["preserve_model"]


@contextmanager
def preserve_model(model: nn.Module) -> Generator[None]:
    """Restore a model at the end of a `with` block, also when the block fails.

    Restored are the attributes of each submodule (modes, hooks, caches), the memory and device of each
    parameter, buffer and gradient, `requires_grad`, the contents of buffers, and the CPU's random state.
    """
    modules = [_Module.read(each) for each in model.modules()]
    parameters = {id(each): each for each in model.parameters()}
    buffers = {id(each): each for each in model.buffers()}
    tensors = [_Tensor.read(each) for each in chain(parameters.values(), buffers.values())]
    contents = [(each, each.detach().clone()) for each in buffers.values()]
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        for each in chain(tensors, modules):
            each.restore()
        _restore_contents(contents)


@dataclass(frozen=True)
class _Module:
    """The attributes of a module; the contents of its dicts and lists are restored in place."""

    module: nn.Module
    attributes: dict[str, Any]
    contents: list[tuple[Any, Any]]

    @classmethod
    def read(cls, module: nn.Module) -> _Module:
        attributes = dict(module.__dict__)
        dicts = [(each, dict(each)) for each in attributes.values() if isinstance(each, dict)]
        lists = [(each, list(each)) for each in attributes.values() if isinstance(each, list)]
        return cls(module, attributes, [*dicts, *lists])

    def restore(self) -> None:
        self.module.__dict__.clear()
        self.module.__dict__.update(self.attributes)
        for container, content in self.contents:
            container.clear()
            (container.update if isinstance(container, dict) else container.extend)(content)


@dataclass(frozen=True)
class _Tensor:
    """The memory of a parameter or buffer, and its gradient."""

    tensor: Tensor
    data: Tensor
    requires_grad: bool
    gradient: _Tensor | None

    @classmethod
    def read(cls, tensor: Tensor) -> _Tensor:
        gradient = tensor.grad if tensor.is_leaf else None
        return cls(
            tensor, tensor.data, tensor.requires_grad, None if gradient is None else cls.read(gradient)
        )

    def restore(self) -> None:
        self.tensor.data = self.data
        if self.tensor.is_leaf:
            self.tensor.requires_grad_(self.requires_grad)
            self.tensor.grad = None if self.gradient is None else self.gradient.tensor
        if self.gradient is not None:
            self.gradient.restore()


def _restore_contents(buffers: Iterable[tuple[Tensor, Tensor]]) -> None:
    with torch.no_grad():
        for buffer, content in buffers:
            if not torch.equal(buffer, content):
                buffer.copy_(content)
