"""Feature maps of layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from headrace.arguments import show_value
from headrace.errors import UsageError
from headrace.nn import check_model
from headrace.vision.visualize.capture import (
    Layer,
    call_model,
    capture_outputs,
    find_path,
    is_maps,
    no_maps_error,
)

__all__ = ["feature_maps"]


def feature_maps(
    model: nn.Module, images: Tensor, layers: Layer | Sequence[Layer] | None = None
) -> dict[str, Tensor]:
    """Compute the feature maps of layers.

    Args:
        model: The model, called in evaluation mode and not changed.
        images: The model's input, [N, channels, height, width].
        layers: Layers, or their paths in the model; None for all layers whose output is maps.

    Returns:
        Maps [N, maps, height, width] by the layer's path, in the order of the calls.

    Raises:
        UsageError: A layer does not exist, is not called, or its output is not maps.
        ModelError: The model fails on these images.
    """
    check_model(model)
    if layers is not None:
        chosen = [layers] if isinstance(layers, str | nn.Module) else layers
        layers = [find_path(model, each) for each in _check_sequence(chosen, "layers")]
    found: dict[str, Tensor] = {}
    called: set[str] = set()

    def keep(name: str, output: Any) -> None:
        called.add(name)
        if is_maps(output):
            found.pop(name, None)  # the order is that of the last calls
            found[name] = output.detach().clone()

    with torch.no_grad(), capture_outputs(model, keep, layers):
        call_model(model, images)
    for name in layers or ():
        if name not in found:
            raise no_maps_error(model, name, called=name in called)
    return found


def _check_sequence(value: Any, name: str) -> Sequence[Any]:
    if not isinstance(value, Sequence):
        raise UsageError(
            f"{name}: expected paths of layers, got {show_value(value)}", hint="pass a list of paths"
        )
    return value
