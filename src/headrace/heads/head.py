"""The base class of heads: the named outputs of a deployed model, computed from the output of the network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from headrace.heads.label import Label, find_label

if TYPE_CHECKING:
    from torch import Tensor

    from headrace.transform import Transform

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

    def for_label(self, label: Label | None, outputs: Tensor | None = None) -> Self:
        """Return the head for the label that the network is trained on, which must fit the head.

        Args:
            label: The label; None if it is not known.
            outputs: What the network returns for some rows, if it is known.

        Raises:
            SchemaError: The label has another type or other classes than the head.
            UsageError: The head cannot do without the label.
        """
        del label, outputs
        return self

    def find_label(self, transform: Transform) -> Label | None:
        """Find the label of a transform without its label; None if that is not clear."""
        return find_label(transform)

    def name(self, values: Mapping[str, np.ndarray]) -> dict[str, Any]:
        """Replace numbers by the names that users see, such as class numbers by class names."""
        return dict(values)

    def lower(self, tensors: Mapping[str, Any]) -> dict[str, Any]:
        """Lower `name` to ONNX."""
        return dict(tensors)
