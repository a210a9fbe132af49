"""The head of several labels at once: each is there or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from headrace.arguments import check_number
from headrace.errors import ModelError, UsageError
from headrace.heads.activation import check_activation
from headrace.heads.label import Label, check_label_set, check_label_vectors
from headrace.heads.named_classes import NamedClasses

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

__all__ = ["MultiLabelClassifier"]


@dataclass(frozen=True)
class MultiLabelClassifier(NamedClasses):
    """Logits [rows, labels] as `labels` bool [rows, labels] and `probabilities` float32 (sigmoid of each).

    The label of a row is a vector with 1 for each label that the row has and 0 for the others, or the list
    of the numbers of its labels.

    Attributes:
        class_names: The name of each label, in the order of the logits; in the signature of the file.
        vocabulary: The label column (or its `vocab_filename`) whose words are the names.
        threshold: The probability from which on a row has a label: a number, or one for each label.
        temperature: The logits are divided by this; None is 1.

    Example:
        >>> import headrace as hr
        >>> head = hr.deploy.MultiLabelClassifier(["Action", "Comedy", "Drama"])
    """

    threshold: float | Sequence[float] | None = None
    temperature: float | None = None

    task: ClassVar[str | None] = "multi_label"
    outputs = ("labels", "probabilities")
    kinds = MappingProxyType({"labels": "labels", "probabilities": "label_probabilities"})

    def __post_init__(self) -> None:
        """Check the names and the numbers."""
        super().__post_init__()
        if self.temperature is not None:
            check_number(self.temperature, "temperature", above=0)
        thresholds = self.thresholds
        for each in thresholds or ():
            check_number(each, "threshold", least=0, most=1)
        if thresholds is None or isinstance(self.threshold, int | float) or self.class_names is None:
            return
        if len(thresholds) != len(self.class_names):
            wanted, found = len(self.class_names), len(thresholds)
            what = f"expected a threshold for each of {wanted} labels, got {found}"
            raise UsageError(what, hint="pass one number for all")

    @property
    def thresholds(self) -> tuple[float, ...] | None:
        """One threshold for all labels, or one for each; None without."""
        given: Any = self.threshold
        if given is None:
            return None
        return tuple(given) if isinstance(given, Sequence | np.ndarray) else (given,)

    def check_type(self, label: Label) -> None:
        """Check that the label is a vector of 0 and 1, or a list of numbers of labels.

        Raises:
            SchemaError: It has another type.
        """
        check_label_set(label)

    def check_outputs(self, outputs: Tensor, label: Label | None, labels: Tensor | None) -> None:
        """Check logits against the labels.

        Raises:
            ModelError: They are probabilities, or there are more or fewer labels.
        """
        self.tensors(outputs)
        check_activation(outputs, type(self).__name__)
        counts = None if label is None else label.set_sizes
        if label is not None and counts is not None and outputs.shape[1] not in counts:
            what = f"'{label.name}' has {counts[-1]} labels, but the model has {outputs.shape[1]} outputs"
            raise ModelError(what, hint="build the model with one output per label")
        if labels is not None and hasattr(labels, "dtype"):  # not lists, whose numbers the loss checks
            check_label_vectors(labels)

    def scale_logits(self, outputs: Tensor) -> Tensor:
        """Return the logits, divided by the temperature."""
        return outputs if self.temperature is None else outputs / self.temperature

    def choose_labels(self, logits: Tensor) -> Tensor:
        """Choose the labels of each row, bool [rows, labels], from logits."""
        if self.threshold is None:
            return logits > 0
        return logits.float().sigmoid() >= logits.new_tensor(self.threshold, dtype=logits.float().dtype)

    def tensors(self, raw: Tensor) -> tuple[Tensor, ...]:
        """Compute which labels a row has, and the probability of each.

        Raises:
            ModelError: The logits are not [rows, labels], or not one per name.
        """
        if raw.ndim != 2 or not raw.shape[1]:
            what = f"expected logits [rows, labels], got {list(raw.shape)}"
            raise ModelError(what, hint="return one logit per label")
        thresholds = self.thresholds
        several = None if thresholds is None or len(thresholds) == 1 else thresholds
        for what, given in (("names", self.class_names), ("thresholds", several)):
            if given is not None and len(given) != raw.shape[1]:
                found = f"{type(self).__name__} has {len(given)} {what}"
                message = f"the model has {raw.shape[1]} outputs, but {found}"
                raise ModelError(message, hint="build the model with one output per label")
        logits = self.scale_logits(raw)
        return self.choose_labels(logits), logits.float().sigmoid()

    def find_ties(
        self, expected: Mapping[str, NDArray[Any]], found: Mapping[str, NDArray[Any]], tolerance: float
    ) -> dict[str, NDArray[np.bool_]]:
        """Find the labels that rounding decides: their probability is at the threshold."""
        likely = expected["probabilities"]
        close = ~(np.abs(found["probabilities"] - likely) > tolerance)
        threshold = 0.5 if self.threshold is None else np.asarray(self.threshold)
        return {"labels": close & ~(np.abs(likely - threshold) > 2 * tolerance)}
