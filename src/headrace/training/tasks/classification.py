"""One class per row."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from headrace.errors import ModelError
from headrace.heads import Classifier, check_classes, class_logits
from headrace.training.metrics import CLASS_METRICS, ClassScores, Metrics
from headrace.training.tasks.task import Task, weigh_loss

__all__ = ["Classification"]

_NOT_A_LABEL = -(2**63)  # torch's own default, -100, would leave out rows without a word


@dataclass(frozen=True, kw_only=True)
class Classification(Task):
    """One class per row: cross entropy of logits, and accuracy.

    The logits are [N, classes], or for two classes [N] or [N, 1] (see `class_logits`). Labels are class
    numbers, [N] or [N, 1], or the probability of each class [N, classes], such as one-hot vectors.

    Attributes:
        head: Chooses the class of a row, and names the classes.
        label_smoothing: Share of each label's weight that is spread over all classes (C. Szegedy et al.,
            Rethinking the Inception Architecture, 2015, section 7).
        class_weights: A weight for each class, float32 [classes]; None is 1.
    """

    head: Classifier = field(default_factory=Classifier)
    label_smoothing: float = 0.0
    class_weights: Tensor | None = None
    name: ClassVar[str] = "classification"
    known_metrics: ClassVar[Metrics] = CLASS_METRICS
    default_metrics: ClassVar[tuple[str, ...]] = ("accuracy",)

    @property
    def sum_count(self) -> int:
        """Rows, loss x rows, rows with the right class."""
        return 3

    @property
    def joins_batches(self) -> bool:
        """Whether several batches may be scored as one."""
        return True

    def read_labels(self, outputs: Tensor, labels: Any) -> Tensor:
        """Return class numbers, int64 [N], or probabilities, float [N, classes].

        Raises:
            ModelError: The outputs are not logits of the rows, or the labels have another form.
        """
        logits = class_logits(outputs)
        if logits.ndim != 2 or len(logits) != len(labels):
            raise ModelError(
                f"expected logits of shape [{len(labels)}, classes], got {list(outputs.shape)}",
                hint="return one logit per class from the model",
            )
        if labels.ndim == 1 and not labels.is_floating_point():
            return labels.long()
        if labels.ndim == 2 and labels.shape[1] == 1 and not labels.is_floating_point():
            return labels[:, 0].long()
        if labels.ndim == 2 and labels.shape[1] == logits.shape[1]:
            return labels if labels.is_floating_point() else labels.to(logits.dtype)
        if labels.ndim == 2 and labels.shape[1] > 1:
            what = f"labels of {labels.shape[1]} classes in a model of {logits.shape[1]} classes"
            raise ModelError(what, hint="build the model with one output per class, and give Mixup as many")
        found = f"{str(labels.dtype).removeprefix('torch.')}{list(labels.shape)}"
        hint = "return the class number of each row as the label"
        raise ModelError(f"expected class numbers, integers [{len(labels)}], got {found}", hint=hint)

    def compute_loss(self, outputs: Tensor, labels: Any, weights: Tensor | None = None) -> Tensor:
        """Compute the loss of a batch, see `Task.compute_loss`."""
        classes = self.read_labels(outputs, labels)
        is_unchecked = classes.ndim == 2 or self.loss is not None  # cross entropy checks class numbers
        if is_unchecked and not classes.is_cuda:  # on another device the check would wait for it
            check_classes(classes, class_logits(outputs).shape[1])
        try:
            if self.loss is not None:
                return weigh_loss(self.loss(outputs, classes), weights)
            if weights is None and self.class_weights is None:
                return self._cross_entropy(outputs, classes, "mean")
            return weigh_loss(self.compute_row_losses(outputs, classes), weights)
        except (IndexError, RuntimeError):  # a check beforehand would wait for the device at every batch
            check_classes(classes, class_logits(outputs).shape[1])
            raise

    def compute_row_losses(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Compute the cross entropy of each row [N], multiplied by the weight of its class."""
        return self._cross_entropy(outputs, labels, "none")

    def _cross_entropy(self, outputs: Tensor, classes: Tensor, reduction: str) -> Tensor:
        return F.cross_entropy(
            class_logits(outputs),
            classes,
            weight=self.class_weights,
            label_smoothing=self.label_smoothing,
            ignore_index=_NOT_A_LABEL,
            reduction=reduction,
        )

    def compute_sums(self, outputs: Tensor, labels: Any, loss: Tensor) -> Tensor:
        """Sum (rows, loss x rows, correct) for `compute_metrics`; sums of batches can be added."""
        classes = self.read_labels(outputs, labels)
        classes = classes.argmax(dim=1) if classes.ndim == 2 else classes
        correct = (self.head.choose_classes(self.head.scale_logits(outputs)) == classes).sum()
        rows = loss.new_full((), len(classes))
        return torch.stack([rows, loss * rows, correct])

    def compute_metrics(self, sums: list[float]) -> dict[str, float]:
        """Compute the mean loss, and the accuracy between 0 and 1."""
        rows, loss, correct = sums
        return {"loss": loss / rows, "accuracy": correct / rows}

    def read_scores(self, outputs: Tensor, labels: Tensor) -> ClassScores:
        """Return what the metrics take."""
        logits = self.head.scale_logits(outputs.double())
        classes = labels.argmax(dim=1) if labels.ndim == 2 else labels
        count = logits.shape[1]
        check_classes(labels, count)
        targets = labels.double() if labels.ndim == 2 else F.one_hot(classes, count).double()
        names = self.head.names or tuple(map(str, range(count)))
        return ClassScores(logits, classes, self.head.choose_classes(logits), targets, names)

    def for_validation(self) -> Self:
        """Return the task without label smoothing."""
        return replace(self, label_smoothing=0.0)

    def to(self, device: torch.device) -> Self:
        """Return the task with its tensors on a device."""
        return (
            self if self.class_weights is None else replace(self, class_weights=self.class_weights.to(device))
        )
