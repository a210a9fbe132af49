"""What a label asks of a model: a loss, metrics, and which of them decides."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from headrace.errors import ModelError, UsageError

__all__ = ["Classification", "Regression", "Task", "task_of"]


@dataclass(frozen=True)
class Classification:
    """Integer labels, or rows of probabilities: cross entropy of logits [N, classes], and accuracy.

    Attributes:
        label_smoothing: Share of a label's weight that goes to all classes alike (C. Szegedy et al.,
            Rethinking the Inception Architecture, 2015, section 7).
        name: Of the task.
        decides: The metric that says which epoch is best.
        larger_is_better: Its direction.
        width: Length of `sums`.
    """

    label_smoothing: float = 0.0
    name: ClassVar[str] = "classification"
    decides: ClassVar[str] = "accuracy"
    width: ClassVar[int] = 3
    larger_is_better: ClassVar[bool] = True

    def loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """The batch's mean loss, a scalar.

        Raises:
            ModelError: The outputs are not [N, classes], or a label is not below the number of classes.
        """
        if outputs.ndim != 2 or len(outputs) != len(labels):
            raise ModelError(
                f"outputs of shape {list(outputs.shape)} for {len(labels)} integer labels",
                hint="give logits of shape [N, classes]",
            )
        try:
            classes = labels if labels.is_floating_point() else labels.long()
            return F.cross_entropy(outputs, classes, label_smoothing=self.label_smoothing)
        except IndexError as error:  # asked for permission, every batch would wait for the device
            raise ModelError(
                f"a label of {_outside(labels, outputs.shape[1])} for a model of {outputs.shape[1]} classes",
                hint="number the classes from 0, and build the model with as many",
            ) from error

    def sums(self, outputs: Tensor, labels: Tensor, loss: Tensor) -> Tensor:
        """(rows, loss x rows, correct): what `metrics` needs, additive over batches."""
        classes = labels.argmax(dim=1) if labels.ndim == 2 else labels
        correct = (outputs.argmax(dim=1) == classes).sum()
        rows = torch.tensor(len(labels), device=loss.device)
        return torch.stack([rows, loss * rows, correct])

    def metrics(self, sums: list[float]) -> dict[str, float]:
        """Mean loss, and accuracy between 0 and 1."""
        rows, loss, correct = sums
        return {"loss": loss / rows, "accuracy": correct / rows}


@dataclass(frozen=True)
class Regression:
    """Real labels: mean squared error of outputs [N] or [N, 1], and its root in the label's units.

    Attributes:
        scale: What one unit of the loss is, in the label's units (the label's standard deviation, say).
        name: Of the task.
        decides: The metric that says which epoch is best.
        larger_is_better: Its direction.
        width: Length of `sums`.
    """

    scale: float = 1.0
    name: ClassVar[str] = "regression"
    decides: ClassVar[str] = "rmse"
    width: ClassVar[int] = 2
    larger_is_better: ClassVar[bool] = False

    def loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """The batch's mean loss, a scalar, in squared units of `scale`.

        Raises:
            ModelError: There is not one output a label.
        """
        if outputs.numel() != labels.numel():
            raise ModelError(
                f"outputs of shape {list(outputs.shape)} for {labels.numel()} real labels",
                hint="give one number a row, of shape [N] or [N, 1]",
            )
        return (((outputs.reshape(labels.shape) - labels) / self.scale) ** 2).mean()

    def sums(self, outputs: Tensor, labels: Tensor, loss: Tensor) -> Tensor:  # noqa: ARG002
        """(rows, loss x rows): what `metrics` needs, additive over batches."""
        rows = torch.tensor(labels.numel(), device=loss.device)
        return torch.stack([rows, loss * rows])

    def metrics(self, sums: list[float]) -> dict[str, float]:
        """Mean loss, and root mean squared error in the label's units."""
        rows, loss = sums
        return {"loss": loss / rows, "rmse": sqrt(loss / rows) * self.scale}


def _outside(labels: Tensor, classes: int) -> int:
    return int(labels[(labels < 0) | (labels >= classes)][0])


Task = Classification | Regression


def task_of(labels: Tensor, *, scale: float = 1.0, label_smoothing: float = 0.0) -> Task:
    """Regression for floating-point labels, classification for integers and booleans.

    Raises:
        UsageError: Real labels are to be smoothed.
    """
    if not labels.is_floating_point():
        return Classification(label_smoothing)
    if label_smoothing:
        raise UsageError(
            "label_smoothing is for classes, and these labels are real numbers", hint="leave it out"
        )
    return Regression(scale)
