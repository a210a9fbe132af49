"""The head of a classification: class names and probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from headrace.arguments import check_number
from headrace.errors import ModelError
from headrace.heads.activation import check_activation
from headrace.heads.label import Label, check_class_type, check_classes, list_words
from headrace.heads.named_classes import NamedClasses

if TYPE_CHECKING:
    from numpy.typing import NDArray
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
class Classifier(NamedClasses):
    """Logits [rows, classes] as `label` [rows] and `probabilities` float32 [rows, classes] (softmax).

    A network for two classes may return one logit per row instead, [rows] or [rows, 1]: that of class 1. The
    probabilities are then 1 - sigmoid and sigmoid, and class 1 is the `label` above a probability of 0.5.

    Where the transform looks the label up in a vocabulary, or compares it with a word, the names are checked
    against the words that the classes stand for.

    Attributes:
        class_names: The value of `label` for each class, in the order of the logits, or a mapping from the
            words of the label's vocabulary to such names; None returns the class number, int64.
        vocabulary: The label column (or its `vocab_filename`) whose words name the classes, instead of
            `class_names`. The class of words outside the vocabulary is named "[UNK]".
        threshold: Of two classes, the probability from which on class 1 is the `label`; None is the more
            probable class. Training can choose it: `Options(choose_threshold="f1")`.
        temperature: The logits are divided by this; None is 1. Training can fit it, by
            `Options(calibrate=True)`.

    Example:
        >>> import headrace as hr
        >>> head = hr.deploy.Classifier(vocabulary="species")
        >>> head = hr.deploy.Classifier(["Adelie", "Chinstrap", "Gentoo"])
        >>> head = hr.deploy.Classifier({"M": "malignant", "B": "benign"})
    """

    threshold: float | None = None
    temperature: float | None = None

    task: ClassVar[str | None] = "classification"
    outputs = ("label", "probabilities")
    kinds = MappingProxyType({"label": "class", "probabilities": "probabilities"})

    def __post_init__(self) -> None:
        """Check the class names and the numbers."""
        super().__post_init__()
        if self.threshold is not None:
            check_number(self.threshold, "threshold", least=0, most=1)
        if self.temperature is not None:
            check_number(self.temperature, "temperature", above=0)

    def check_type(self, label: Label) -> None:
        """Check that the label is one class per row: its number, or the probabilities of all classes.

        Raises:
            SchemaError: It has another type.
        """
        check_class_type(label)

    def count_classes(self, outputs: Tensor) -> int:
        """Count the classes of the output of a network."""
        return class_logits(outputs).shape[-1]

    def check_outputs(self, outputs: Tensor, label: Label | None, labels: Tensor | None) -> None:
        """Check logits against the classes of the label.

        Raises:
            ModelError: They are probabilities, or there are more or fewer classes.
        """
        self.tensors(outputs)
        check_activation(outputs)
        found = self.count_classes(outputs)
        counts = None if label is None else label.class_counts
        if label is not None and counts is not None and found not in counts:
            expected = f"{counts[-1]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
            words = f" ({list_words(label.words)})" if label.words else ""
            what = f"the label '{label.name}' has {expected} classes{words}, but the model has {found}"
            raise ModelError(what, hint="build the model with one output per class")
        if labels is not None:
            check_classes(labels, found)

    def scale_logits(self, outputs: Tensor) -> Tensor:
        """Return one logit per class [rows, classes], divided by the temperature."""
        logits = class_logits(outputs)
        return logits if self.temperature is None else logits / self.temperature

    def choose_classes(self, logits: Tensor) -> Tensor:
        """Choose the class of each row, int64 [rows], from logits [rows, classes]."""
        if self.threshold is None:
            return logits.argmax(dim=1)
        return (logits.float().softmax(dim=1)[:, 1] >= self.threshold).long()

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
        if self.threshold is not None and logits.shape[1] != 2:
            what = f"the model has {logits.shape[1]} classes, but Classifier has a threshold, which needs two"
            raise ModelError(what, hint="leave threshold out: the most probable class is the label")
        logits = self.scale_logits(raw)
        return self.choose_classes(logits), logits.float().softmax(dim=1)

    def lower_tensors(self, raw: Any) -> tuple[Any, ...] | None:
        """Lower `tensors` to ONNX, for logits [rows, classes] of two classes or more."""
        import spox.opset.ai.onnx.v21 as op

        shape = raw.unwrap_tensor().shape
        if type(self) is not Classifier or shape is None or len(shape) != 2 or shape[1] in (None, 0, 1):
            return None
        if self.temperature is not None:
            raw = op.div(raw, op.const(np.float32(self.temperature)))
        likely = op.softmax(raw, axis=1)
        if self.threshold is None:
            return op.arg_max(raw, axis=1, keepdims=0), likely
        is_second = op.greater_or_equal(
            op.gather(likely, op.const(np.int64(1)), axis=1), op.const(np.float32(self.threshold))
        )
        return op.cast(is_second, to=np.int64), likely

    def name(self, values: Mapping[str, np.ndarray]) -> dict[str, Any]:
        """Replace class numbers by class names."""
        if (names := self.names) is None:
            return dict(values)
        return {**values, "label": np.array(names, dtype=object)[values["label"]]}

    def lower(self, tensors: Mapping[str, Any]) -> dict[str, Any]:
        """Lower `name` to a gather from the class names."""
        if (names := self.names) is None:
            return dict(tensors)
        import spox.opset.ai.onnx.v21 as op

        words = op.const(np.array(names, dtype=np.str_))
        return {**tensors, "label": op.gather(words, tensors["label"], axis=0)}

    def find_ties(
        self, expected: Mapping[str, NDArray[Any]], found: Mapping[str, NDArray[Any]], tolerance: float
    ) -> dict[str, NDArray[np.bool_]]:
        """Find the labels that rounding decides: at the threshold, or where the best classes tie."""
        likely = expected["probabilities"]
        close = ~(np.abs(found["probabilities"] - likely) > tolerance).any(axis=1)
        names = self.names
        classes = np.arange(likely.shape[1]) if names is None else np.array(names, dtype=object)
        if self.threshold is None:
            largest = likely.max(axis=1, keepdims=True, initial=0)
            may_be = ~(likely < largest - 2 * tolerance)  # NaN: no class is best
        else:
            near = ~(np.abs(likely[:, 1] - self.threshold) > 2 * tolerance)
            may_be = np.repeat(near[:, None], likely.shape[1], axis=1)
        return {"label": close & (may_be & (classes == found["label"][:, None])).any(axis=1)}
