"""The base class of heads: the named outputs of a deployed model, computed from the output of the network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from headrace.heads.label import Label, find_label

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from headrace.transform import Transform

__all__ = ["Head"]


class Head(ABC):
    """Turns the output tensor of a network into named outputs, identically in torch and in ONNX.

    Attributes:
        outputs: The names of the outputs.
        kinds: Output name to what it means, see `headrace.serving.Output`; an output without one is a number.
        task: What the network is trained for: "classification", "multi_label", "regression", "quantiles",
            "several"; None is that of the label.
    """

    task: ClassVar[str | None] = None
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

    def find_named(self, transform: Transform) -> Label | None:
        """Find the label that the head names; None if it does not name any."""
        del transform
        return None

    def check_outputs(self, outputs: Tensor, label: Label | None, labels: Tensor | None) -> None:
        """Check the output of a network, rows first, against the head and the label.

        Raises:
            ModelError: It does not fit them.
        """
        del label, labels
        self.tensors(outputs)

    def lower_tensors(self, raw: Any) -> tuple[Any, ...] | None:
        """Lower `tensors` to ONNX, from a value of spox; None if only torch's exporter can."""
        del raw
        return None

    def name(self, values: Mapping[str, np.ndarray]) -> dict[str, Any]:
        """Replace numbers by the names that users see, such as class numbers by class names."""
        return dict(values)

    def lower(self, tensors: Mapping[str, Any]) -> dict[str, Any]:
        """Lower `name` to ONNX."""
        return dict(tensors)

    def find_ties(
        self, expected: Mapping[str, NDArray[Any]], found: Mapping[str, NDArray[Any]], tolerance: float
    ) -> dict[str, NDArray[np.bool_]]:
        """Find the values that rounding decides, in outputs of two runs over the same rows.

        Returns:
            Output to a mask of its shape: True where another value than the expected one is as right.
        """
        del expected, found, tolerance
        return {}
