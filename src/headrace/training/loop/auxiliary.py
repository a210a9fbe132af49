"""Auxiliary heads: classifiers inside a network that only help to train it."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from headrace.errors import ModelError

__all__ = ["AuxiliaryOutputs"]


class AuxiliaryOutputs:
    """Takes the outputs of auxiliary heads out of a model, wherever in it they are.

    A module with an attribute `auxiliary_weight` above 0 returns a tuple in training mode: its output, then
    those of its auxiliary heads. The layers around it get its output alone.

    Args:
        model: The model; the outermost modules with this attribute are found in it.
    """

    def __init__(self, model: nn.Module) -> None:
        self._outputs: list[tuple[float, Tensor]] = []
        self._calls = 0
        self._hooks = [module.register_forward_hook(self._collect) for module in _find(model)]

    def take(self) -> list[tuple[float, Tensor]]:
        """Return the weights and outputs of the heads in the last call of the model, and forget them."""
        if not self._hooks:
            return []
        outputs = [(weight / max(1, self._calls), each) for weight, each in self._outputs]
        self._outputs.clear()
        self._calls = 0
        return outputs

    def close(self) -> None:
        """Remove the hooks."""
        for hook in self._hooks:
            hook.remove()

    def _collect(self, module: Any, _inputs: Any, outputs: Any) -> Any:
        if not module.training:
            return outputs
        if not isinstance(outputs, tuple) or not all(isinstance(each, Tensor) for each in outputs):
            found = type(outputs).__name__
            what = f"expected a tuple of tensors from a model with auxiliary heads, got {found}"
            raise ModelError(what, hint="return a tuple of tensors from forward in training")
        main, *auxiliary = outputs
        self._calls += 1
        self._outputs += [(module.auxiliary_weight, each) for each in auxiliary]
        return main


def _find(model: nn.Module) -> list[nn.Module]:
    if getattr(model, "auxiliary_weight", 0.0):
        return [model]
    return [found for child in model.children() for found in _find(child)]
