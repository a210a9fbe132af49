"""Heads: the named outputs of a deployed model, computed from the output of the network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Classifier", "Head", "Regressor"]


class Head(ABC):
    """Turns the output tensor of a network into named outputs, identically in torch and in ONNX.

    Attributes:
        outputs: The names of the outputs.
    """

    outputs: tuple[str, ...]

    @abstractmethod
    def tensors(self, raw: Tensor) -> tuple[Tensor, ...]:
        """Compute one tensor for each name in `outputs`; exported together with the network."""

    def name(self, values: Mapping[str, np.ndarray]) -> dict[str, Any]:
        """Replace numbers by the names that users see, such as class numbers by class names."""
        return dict(values)

    def lower(self, tensors: Mapping[str, Any]) -> dict[str, Any]:
        """Lower `name` to ONNX."""
        return dict(tensors)


@dataclass(frozen=True)
class Classifier(Head):
    """Logits [rows, classes] as `label` [rows] and `probabilities` float32 [rows, classes] (softmax).

    Attributes:
        class_names: The value of `label` for each class, in the order of the logits; None returns the class
            number, int64.
    """

    class_names: Sequence[str] | None = None

    outputs = ("label", "probabilities")

    def tensors(self, raw: Tensor) -> tuple[Tensor, ...]:
        """Compute the most likely class and all probabilities."""
        return raw.argmax(dim=1), raw.float().softmax(dim=1)

    def name(self, values: Mapping[str, np.ndarray]) -> dict[str, Any]:
        """Replace class numbers by class names."""
        if self.class_names is None:
            return dict(values)
        return {**values, "label": np.array(self.class_names, dtype=object)[values["label"]]}

    def lower(self, tensors: Mapping[str, Any]) -> dict[str, Any]:
        """Lower `name` to a gather from the class names."""
        if self.class_names is None:
            return dict(tensors)
        import spox.opset.ai.onnx.v21 as op

        names = op.const(np.array(self.class_names, dtype=np.str_))
        return {**tensors, "label": op.gather(names, tensors["label"], axis=0)}


@dataclass(frozen=True)
class Regressor(Head):
    """One number per row, float32 [rows], under the name `output`.

    Attributes:
        output: The name of the output.
    """

    output: str = "prediction"

    @property
    def outputs(self) -> tuple[str, ...]:  # type: ignore[override]
        """The name of the output."""
        return (self.output,)

    def tensors(self, raw: Tensor) -> tuple[Tensor, ...]:
        """Reshape the number, [rows, 1] or [rows], to [rows]."""
        return (raw.float().reshape(raw.shape[0]),)
