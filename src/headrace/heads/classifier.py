"""The head of a classification: class names and probabilities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from headrace.arguments import show_value
from headrace.errors import ModelError, UsageError
from headrace.heads.head import Head
from headrace.heads.label import Label

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Classifier", "class_logits"]


def class_logits(outputs: Tensor) -> Tensor:
    """Return one logit per class [rows, classes], for two classes also from one logit per row.

    One logit z, [rows] or [rows, 1], becomes the logits (0, z). Their softmax is
    (1 - sigmoid(z), sigmoid(z)), and their cross entropy is the binary cross entropy of z.
    """
    import torch

    logits = outputs[:, None] if outputs.ndim == 1 else outputs
    if logits.ndim != 2 or logits.shape[1] != 1:
        return logits
    return torch.cat([torch.zeros_like(logits), logits], dim=1)


@dataclass(frozen=True)
class Classifier(Head):
    """Logits [rows, classes] as `label` [rows] and `probabilities` float32 [rows, classes] (softmax).

    A network for two classes may return one logit per row instead, [rows] or [rows, 1]: that of class 1. The
    probabilities are then 1 - sigmoid and sigmoid, and class 1 is the `label` above a probability of 0.5.

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
        if "" in names:
            hint = "give each class a name of its own"
            raise UsageError(f"class_names: class {list(names).index('')} has an empty name", hint=hint)
        if len(set(names)) < len(names):
            twice = next(each for each, count in Counter(names).items() if count > 1)
            raise UsageError(
                f"class_names: {twice!r} is named twice", hint="give each class a name of its own"
            )

    def for_label(self, label: Label) -> Self:
        """Check that the label holds one class number per row.

        Raises:
            SchemaError: The label has another type.
        """
        _check_type(label)
        return self

    def tensors(self, raw: Tensor) -> tuple[Tensor, ...]:
        """Compute the most likely class and all probabilities.

        Raises:
            ModelError: The logits are not [rows, classes], or not one per class name.
        """
        logits = class_logits(raw)
        if logits.ndim != 2 or not logits.shape[1]:
            found = f"{raw.ndim} dimensions" if logits.ndim != 2 else "0 classes"
            what = f"expected logits [rows, classes], got {found}"
            raise ModelError(what, hint="return one logit per class, or use the head Regressor()")
        if self.class_names is not None and logits.shape[1] != len(self.class_names):
            names = f"Classifier has {len(self.class_names)} class names"
            what = f"the model has {logits.shape[1]} classes, but {names}"
            raise ModelError(what, hint="name each class of the model")
        return logits.argmax(dim=1), logits.float().softmax(dim=1)

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


def _check_type(label: Label) -> None:
    type_, numbers = label.type, "Classifier expects one class number per row, as integers"
    if type_.is_string:
        hint = "look it up in a vocabulary: hr.transform.compute_and_apply_vocabulary"
        raise label.error(f"{type_}, but {numbers}", hint)
    if type_.ragged or type_.shape:
        hint = "return the class number of each row, not a list or a one-hot vector"
        if type_.shape == (1,):
            hint = "drop the last dimension: hr.transform.reshape(label, ())"
        raise label.error(f"{type_}, but {numbers}", hint)
    if type_.is_float:
        hint = "cast it to int64 in the preprocessing function, or use the head Regressor()"
        raise label.error(f"{type_}, but {numbers}", hint)
