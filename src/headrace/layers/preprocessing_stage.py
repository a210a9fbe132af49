"""Chains of preprocessing layers."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from headrace.arguments import is_iterable, show_value
from headrace.errors import UsageError
from headrace.layers.layer import PreprocessingLayer
from headrace.transform.tracing import Column

__all__ = ["PreprocessingStage"]


class PreprocessingStage(PreprocessingLayer):
    """A chain of layers that adapts as one layer: each layer adapts to the output of the layer before it.

    Layers that are already adapted keep their statistics. Lookups whose vectors have the size of the
    vocabulary must be adapted first, since the layers after them need to know the size.

    Args:
        layers: The layers, in order.
        name: See `PreprocessingLayer`.

    Example:
        >>> from headrace.layers import Discretization, Normalization, PreprocessingStage
        >>> stage = PreprocessingStage([Normalization(), Discretization(num_bins=2)])
        >>> stage.adapt([1.0, 2.0, 30.0, 40.0])([0.0, 50.0])
        array([0, 1])
    """

    def __init__(self, layers: Sequence[PreprocessingLayer], name: str | None = None) -> None:
        super().__init__(name)
        hint = "pass layers of headrace.layers, such as Normalization()"
        if not is_iterable(layers):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageError(f"layers: expected a list of layers, got {show_value(layers)}", hint=hint)
        for layer in layers:
            if not isinstance(layer, PreprocessingLayer):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise UsageError(
                    f"layers: expected a preprocessing layer, got {show_value(layer)}", hint=hint
                )
        in_model = [layer._in_model for layer in layers]  # pyright: ignore[reportPrivateUsage]
        self.layers = nn.ModuleList(layers)
        for layer, before in zip(layers, in_model, strict=True):
            layer._in_model = before  # a stage calls its layers with columns; # pyright: ignore[reportPrivateUsage]

    def call(self, x: Column) -> Column:
        """See the class."""
        for layer in self.layers:
            x = layer(x)
        return x
