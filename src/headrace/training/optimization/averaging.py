"""An exponential moving average of a model's weights."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

__all__ = ["WeightAverage"]

_RUNNING = ("running_mean", "running_var")


class WeightAverage:
    """An exponential moving average of trainable weights and running statistics.

    After update n, counted from 1, the decay is the lesser of `decay` and (1 + n) / (10 + n), so that the
    first weights, which are random, fade at once. Other buffers are the model's own.

    Args:
        model: The model, on its device.
        decay: The decay, above 0 and below 1.

    Attributes:
        values: The averages by name.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        named = [(name, each) for name, each in model.named_parameters() if each.requires_grad]
        named += [(name, each) for name, each in model.named_buffers() if name.endswith(_RUNNING)]
        self._decay = decay
        self._sources: list[Tensor] = [each.detach() for _, each in named]
        self.values: dict[str, Tensor] = {name: each.detach().clone() for name, each in named}

    def update(self, count: int) -> None:
        """Average the weights after update `count`, counted from 1."""
        decay = min(self._decay, (1 + count) / (10 + count))
        averages = list(self.values.values())
        torch._foreach_lerp_(averages, self._sources, 1 - decay)  # pyright: ignore[reportPrivateUsage, reportPrivateImportUsage]

    @contextmanager
    def applied(self) -> Generator[None]:
        """Give the model the averages inside a `with` block."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def _swap(self) -> None:
        for source, average in zip(self._sources, self.values.values(), strict=True):
            weights = source.clone()
            source.copy_(average)
            average.copy_(weights)

    def load(self, values: Mapping[str, Tensor]) -> None:
        """Replace the averages.

        Raises:
            ValueError: The names or shapes are not those of the model.
        """
        shapes = {name: list(value.shape) for name, value in self.values.items()}
        found = {name: list(value.shape) for name, value in values.items()}
        if shapes != found:
            raise ValueError(f"average: expected {len(shapes)} tensors of the model, got {len(found)} others")
        for name, value in values.items():
            self.values[name].copy_(value)
