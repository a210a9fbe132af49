"""A trained network as it is served: features in, a head's tensors out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from headrace.columns import ColumnType, Ragged
from headrace.deploy.head import Head

__all__ = ["ServedModel", "sample_features"]


class ServedModel(nn.Module):
    """A network and its head, called with flat tensors, as the ONNX exporter wants them.

    Args:
        network: Called as `network(x)` with one feature, `network(**features)` with several.
        head: What becomes of its output.
        features: Feature name to type; a ragged feature takes two tensors, values and row splits.
    """

    def __init__(self, network: nn.Module, head: Head, features: Mapping[str, ColumnType]) -> None:
        super().__init__()
        self.network = network
        self.head = head
        self.features = dict(features)

    @property
    def tensor_names(self) -> list[str]:
        """The flat tensors' names, in the order `forward` takes them."""
        return [tensor for name, type_ in self.features.items() for tensor in _tensor_names(name, type_)]

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        """Flat tensors, in the order of `tensor_names`, to the head's tensors."""
        rest = iter(tensors)
        features = {
            name: Ragged(next(rest), next(rest)) if type_.ragged else next(rest)
            for name, type_ in self.features.items()
        }
        one = len(features) == 1
        return self.head.tensors(self.network(*features.values()) if one else self.network(**features))

    def predict(self, features: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """The head's values for one batch of features, as training sees them."""
        flat = [tensor for name in self.features for tensor in _flat(features[name])]
        with torch.inference_mode():
            return {name: value.numpy() for name, value in zip(self.head.outputs, self(*flat), strict=True)}


def sample_features(features: Mapping[str, ColumnType], rows: int = 3) -> list[Tensor]:
    """Zeros of the right types and shapes, flat, to trace a model with."""
    return [tensor for type_ in features.values() for tensor in _sample(type_, rows)]


def _sample(type_: ColumnType, rows: int) -> list[Tensor]:
    dtype = torch.float32 if type_.is_float else getattr(torch, type_.dtype)
    if type_.ragged:
        return [torch.zeros(2 * rows + 1, dtype=dtype), torch.tensor([*range(0, 2 * rows, 2), 2 * rows + 1])]
    return [torch.zeros((rows, *type_.shape), dtype=dtype)]


def _tensor_names(name: str, type_: ColumnType) -> list[str]:
    return [f"{name}.values", f"{name}.row_splits"] if type_.ragged else [name]


def _flat(value: Any) -> list[Tensor]:
    return list(value) if isinstance(value, Ragged) else [value]
