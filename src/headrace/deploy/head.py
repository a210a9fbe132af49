"""What a deployed model answers with: named outputs, made from what the network gives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

__all__ = ["Classifier", "Head", "Regressor"]


class Head(ABC):
    """Turns a network's tensor into named outputs, the same in torch and in ONNX."""

    outputs: tuple[str, ...]

    @abstractmethod
    def tensors(self, raw: Tensor) -> tuple[Tensor, ...]:
        """One tensor for each name in `outputs`; exported with the network."""

    def name(self, values: Mapping[str, np.ndarray]) -> dict[str, Any]:
        """The values as users see them, such as class names for class numbers."""
        return dict(values)

    def lower(self, tensors: Mapping[str, Any]) -> dict[str, Any]:
        """The ONNX form of `name`."""
        return dict(tensors)


@dataclass(frozen=True)
class Classifier(Head):
    """Logits [rows, classes] as `label` [rows] and `probabilities` float32 [rows, classes] (softmax).

    Attributes:
        class_names: What `label` says, in the order of the logits; None leaves the class number, int64.
    """

    class_names: Sequence[str] | None = None

    outputs = ("label", "probabilities")

    def tensors(self, raw: Tensor) -> tuple[Tensor, ...]:
        """The likeliest class and all probabilities."""
        return raw.argmax(dim=1), torch.softmax(raw.float(), dim=1)

    def name(self, values: Mapping[str, np.ndarray]) -> dict[str, Any]:
        """Class names for class numbers."""
        if self.class_names is None:
            return dict(values)
        return {**values, "label": np.array(self.class_names, dtype=object)[values["label"]]}

    def lower(self, tensors: Mapping[str, Any]) -> dict[str, Any]:
        """The ONNX form of `name`: a gather from the names."""
        if self.class_names is None:
            return dict(tensors)
        import spox.opset.ai.onnx.v21 as op

        names = op.const(np.array(self.class_names, dtype=np.str_))
        return {**tensors, "label": op.gather(names, tensors["label"], axis=0)}


@dataclass(frozen=True)
class Regressor(Head):
    """One number a row, float32 [rows], under the name `output`.

    Attributes:
        output: The output's name.
    """

    output: str = "prediction"

    @property
    def outputs(self) -> tuple[str, ...]:  # type: ignore[override]
        """The one name."""
        return (self.output,)

    def tensors(self, raw: Tensor) -> tuple[Tensor, ...]:
        """The number, [rows, 1] or [rows], as [rows]."""
        return (raw.float().reshape(raw.shape[0]),)
