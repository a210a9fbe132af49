"""The base class of heads: the named outputs of a deployed model, computed from the output of the network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

    from headrace.heads.label import Label

__all__ = ["Head"]


class Head(ABC):
    """Turns the output tensor of a network into named outputs, identically in torch and in ONNX.

    Attributes:
        outputs: The names of the outputs.
        kinds: Output name to what it means, see `headrace.serving.Output`; an output without one is a number.
    """

    outputs: tuple[str, ...]
    kinds: Mapping[str, str] = MappingProxyType({})

    @abstractmethod
    def tensors(self, raw: Tensor) -> tuple[Tensor, ...]:
        """Compute one tensor for each name in `outputs`; exported together with the network."""

    def for_label(self, label: Label) -> Self:
        """Return the head for the label that the network is trained on, which must fit the head.

        Raises:
            SchemaError: The label has another type or other classes than the head.
        """
        del label
        return self

    def name(self, values: Mapping[str, np.ndarray]) -> dict[str, Any]:
        """Replace numbers by the names that users see, such as class numbers by class names."""
        return dict(values)

    def lower(self, tensors: Mapping[str, Any]) -> dict[str, Any]:
        """Lower `name` to ONNX."""
        return dict(tensors)
