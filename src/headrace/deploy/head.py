"""Heads: the named outputs of a deployed model, computed from the output of the network."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from headrace.arguments import check_string, show_value
from headrace.errors import ModelError, UsageError
from headrace.transform import Transform

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Classifier", "Head", "Regressor", "check_transform"]


def check_transform(transform: object) -> Transform:
    """Return a transform.

    Raises:
        UsageError: `transform` is not a transform.
    """
    if not isinstance(transform, Transform):
        hint = (
            "load it: hr.Transform.load(path)" if isinstance(transform, str) else "pass the result of analyze"
        )
        raise UsageError(f"transform: expected a Transform, got {show_value(transform)}", hint=hint)
    return transform


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
    kinds = MappingProxyType({"label": "class", "probabilities": "probabilities"})

    def __post_init__(self) -> None:
        """Check the class names."""
        names: Any = self.class_names
        if names is None:
            return
        is_list = isinstance(names, Sequence | np.ndarray) and not isinstance(names, str)
        if not is_list or not len(names) or not all(isinstance(each, str) for each in names):
            hint = "pass the name of each class, as strings, in the order of the logits"
            raise UsageError(f"class_names: expected a list of strings, got {show_value(names)}", hint=hint)
        if len(set(names)) < len(names):
            twice = next(each for each, count in Counter(names).items() if count > 1)
            raise UsageError(
                f"class_names: {twice!r} is named twice", hint="give each class a name of its own"
            )

    def tensors(self, raw: Tensor) -> tuple[Tensor, ...]:
        """Compute the most likely class and all probabilities.

        Raises:
            ModelError: The logits are not [rows, classes], or not one per class name.
        """
        if raw.ndim != 2:
            what = f"expected logits [rows, classes], got {raw.ndim} dimensions"
            raise ModelError(what, hint="return one logit per class, or export with Regressor()")
        if self.class_names is not None and raw.shape[1] != len(self.class_names):
            names = f"Classifier has {len(self.class_names)} class names"
            what = f"the model has {raw.shape[1]} classes, but {names}"
            raise ModelError(what, hint="name each class of the model")
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

    def __post_init__(self) -> None:
        """Check the name."""
        check_string(self.output, "output")

    @property
    def outputs(self) -> tuple[str, ...]:  # type: ignore[override]
        """The name of the output."""
        return (self.output,)

    def tensors(self, raw: Tensor) -> tuple[Tensor, ...]:
        """Reshape the number, [rows, 1] or [rows], to [rows].

        Raises:
            ModelError: There is not one number per row.
        """
        if raw.ndim > 1 and math.prod(raw.shape[1:]) != 1:
            what = f"expected one number per row, got {math.prod(raw.shape[1:])}"
            raise ModelError(what, hint="return [rows] or [rows, 1], or export with Classifier()")
        return (raw.float().reshape(raw.shape[0]),)
