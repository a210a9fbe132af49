"""The head of a classification: class names and probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from headrace.arguments import check_name
from headrace.errors import ModelError, UsageError
from headrace.heads.class_names import check_class_names, match_names, name_by_vocabulary, name_words
from headrace.heads.head import Head
from headrace.heads.label import Label, check_class_type, find_label

if TYPE_CHECKING:
    from torch import Tensor

    from headrace.transform import Transform

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

    Where the transform looks the label up in a vocabulary, or compares it with a word, the names are checked
    against the words that the classes stand for.

    Attributes:
        class_names: The value of `label` for each class, in the order of the logits, or a mapping from the
            words of the label's vocabulary to such names; None returns the class number, int64.
        vocabulary: The label column (or its `vocab_filename`) whose words name the classes, instead of
            `class_names`. The class of words outside the vocabulary is named "[UNK]".

    Example:
        >>> import headrace as hr
        >>> head = hr.deploy.Classifier(vocabulary="species")
        >>> head = hr.deploy.Classifier(["Adelie", "Chinstrap", "Gentoo"])
        >>> head = hr.deploy.Classifier({"M": "malignant", "B": "benign"})
    """

    class_names: Sequence[str] | Mapping[str, str] | None = None
    vocabulary: str | None = None

    outputs = ("label", "probabilities")
    kinds = MappingProxyType({"label": "class", "probabilities": "probabilities"})

    def __post_init__(self) -> None:
        """Check the class names."""
        if self.class_names is not None:
            check_class_names(self.class_names)
        if self.vocabulary is None:
            return
        check_name(self.vocabulary, "vocabulary")
        if self.class_names is not None:
            what = "expected class_names or vocabulary, got both"
            raise UsageError(what, hint="pass vocabulary to name the classes by the words of the label")

    @property
    def names(self) -> tuple[str, ...] | None:
        """The names in the order of the classes; None for class numbers.

        Raises:
            UsageError: The names are those of the label's vocabulary, and the label is not known.
        """
        if self.vocabulary is not None or isinstance(self.class_names, Mapping):
            what = "the class names depend on the vocabulary of the label, which the transform does not know"
            hint = "keep the label among the outputs of the preprocessing function, and remove it by without"
            raise UsageError(what, hint=hint)
        return None if self.class_names is None else tuple(self.class_names)

    def for_label(self, label: Label | None, outputs: Tensor | None = None) -> Self:
        """Return the head with names in the order of the label's classes, checked against its words.

        Raises:
            SchemaError: The label is not one class number per row, or its classes have other names.
        """
        if label is None:
            return self
        check_class_type(label)
        if label.is_traced and self.vocabulary not in (None, label.name, label.vocabulary):
            hint = f"pass Classifier(vocabulary={label.name!r})"
            raise label.error(
                f"Classifier names the classes by {self.vocabulary!r}, which is not the label", hint
            )
        if label.words is None:
            if label.is_traced and (self.vocabulary is not None or isinstance(self.class_names, Mapping)):
                hint = "pass the class names as a list, in the order of the classes"
                raise label.error(
                    "the label is not looked up in a vocabulary, which would name its classes", hint
                )
            return self
        classes = None if outputs is None else class_logits(outputs).shape[-1]
        if self.vocabulary is not None:
            return replace(self, class_names=name_by_vocabulary(label, classes), vocabulary=None)
        if isinstance(self.class_names, Mapping):
            return replace(self, class_names=name_words(label, self.class_names, classes))
        if self.class_names is not None:
            match_names(label, self.class_names)
        return self

    def find_label(self, transform: Transform) -> Label | None:
        """Find the label: the output that `vocabulary` names, or that has class names among its words.

        Raises:
            SchemaError: No output has the name `vocabulary`, or a vocabulary of this name.
        """
        if self.vocabulary is None:
            return find_label(transform, self.class_names)
        known = {**transform.removed_types, **transform.output_types}
        if self.vocabulary in known:
            return Label.from_transform(transform, self.vocabulary)
        labels = [Label.from_transform(transform, name) for name in known]
        named = [label for label in labels if label.vocabulary == self.vocabulary]
        return named[0] if named else Label.from_transform(transform, self.vocabulary)

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
