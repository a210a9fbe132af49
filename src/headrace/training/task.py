"""The task that a label defines: a loss, metrics, and the metric that selects the best epoch."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from headrace.errors import ModelError, UsageError
from headrace.heads import check_classes, class_logits

__all__ = ["Classification", "Regression", "Task", "infer_task"]

_NOT_A_LABEL = -(2**63)  # torch's own default, -100, would leave out rows without a word


@dataclass(frozen=True)
class Classification:
    """Integer labels, or rows of probabilities: cross entropy of logits, and accuracy.

    The logits are [N, classes], or for two classes [N] or [N, 1] (see `class_logits`).

    Attributes:
        label_smoothing: Share of each label's weight that is spread over all classes (C. Szegedy et al.,
            Rethinking the Inception Architecture, 2015, section 7).
        name: Name of the task.
        monitor: The metric that selects the best epoch.
        larger_is_better: Whether a larger value of `monitor` is better.
        sum_count: Length of the vector that `compute_sums` returns.
    """

    label_smoothing: float = 0.0
    name: ClassVar[str] = "classification"
    monitor: ClassVar[str] = "accuracy"
    sum_count: ClassVar[int] = 3
    larger_is_better: ClassVar[bool] = True

    def compute_loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Compute the mean loss of a batch, a scalar.

        Raises:
            ModelError: The outputs are not logits of the rows, or the labels are not classes of the network.
        """
        logits = class_logits(outputs)
        if logits.ndim != 2 or len(logits) != len(labels):
            raise ModelError(
                f"expected logits of shape [{len(labels)}, classes], got {list(outputs.shape)}",
                hint="return one logit per class from the model",
            )
        is_blended = labels.ndim == 2 and labels.is_floating_point()
        if not is_blended and (labels.ndim != 1 or labels.is_floating_point()):
            found = f"{str(labels.dtype).removeprefix('torch.')}{list(labels.shape)}"
            hint = "return the class number of each row as the label"
            raise ModelError(f"expected class numbers, integers [{len(labels)}], got {found}", hint=hint)
        classes = labels if is_blended else labels.long()
        try:
            return F.cross_entropy(
                logits, classes, label_smoothing=self.label_smoothing, ignore_index=_NOT_A_LABEL
            )
        except IndexError:  # a check beforehand would synchronise with the device at every batch
            check_classes(labels, logits.shape[1])
            raise

    def compute_sums(self, outputs: Tensor, labels: Tensor, loss: Tensor) -> Tensor:
        """Sum (rows, loss x rows, correct) for `compute_metrics`; sums of batches can be added."""
        classes = labels.argmax(dim=1) if labels.ndim == 2 else labels
        correct = (class_logits(outputs).argmax(dim=1) == classes).sum()
        rows = torch.tensor(len(labels), device=loss.device)
        return torch.stack([rows, loss * rows, correct])

    def compute_metrics(self, sums: list[float]) -> dict[str, float]:
        """Compute the mean loss, and the accuracy between 0 and 1."""
        rows, loss, correct = sums
        return {"loss": loss / rows, "accuracy": correct / rows}


@dataclass(frozen=True)
class Regression:
    """Floating-point labels: mean squared error of outputs [N] or [N, 1]; its root in the label's units.

    Attributes:
        scale: Errors are divided by this before they are squared in the loss; in the label's units.
        name: Name of the task.
        monitor: The metric that selects the best epoch.
        larger_is_better: Whether a larger value of `monitor` is better.
        sum_count: Length of the vector that `compute_sums` returns.
    """

    scale: float = 1.0
    name: ClassVar[str] = "regression"
    monitor: ClassVar[str] = "rmse"
    sum_count: ClassVar[int] = 2
    larger_is_better: ClassVar[bool] = False

    def compute_loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Compute the mean loss of a batch, a scalar, in squared units of `scale`.

        Raises:
            ModelError: The number of outputs is not the number of labels.
        """
        if outputs.numel() != labels.numel():
            raise ModelError(
                f"expected one output for each of {labels.numel()} labels, got {list(outputs.shape)}",
                hint="return one number per row, of shape [N] or [N, 1]",
            )
        return (((outputs.reshape(labels.shape) - labels) / self.scale) ** 2).mean()

    def compute_sums(self, outputs: Tensor, labels: Tensor, loss: Tensor) -> Tensor:  # noqa: ARG002
        """Sum (rows, loss x rows) for `compute_metrics`; sums of batches can be added."""
        rows = torch.tensor(labels.numel(), device=loss.device)
        return torch.stack([rows, loss * rows])

    def compute_metrics(self, sums: list[float]) -> dict[str, float]:
        """Compute the mean loss, and the root mean squared error in the label's units."""
        rows, loss = sums
        return {"loss": loss / rows, "rmse": sqrt(loss / rows) * self.scale}


Task = Classification | Regression


def infer_task(labels: Tensor, *, scale: float = 1.0, label_smoothing: float = 0.0) -> Task:
    """Choose regression for floating-point labels, classification for integers and booleans.

    Raises:
        UsageError: Label smoothing with floating-point labels.
    """
    if not labels.is_floating_point():
        return Classification(label_smoothing)
    if label_smoothing:
        raise UsageError(
            "label_smoothing needs class labels, got floating-point labels", hint="remove label_smoothing"
        )
    return Regression(scale)
