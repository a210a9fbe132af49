"""The base class of tasks: what a label is, and the loss and metrics that follow from it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import torch
from torch import Tensor

from headrace.errors import ModelError, UsageError
from headrace.training.metrics import LOSS, Metric, Metrics, Monitor

if TYPE_CHECKING:
    from headrace.training.label_options import LossFunction

__all__ = ["Task", "weigh_loss"]


@dataclass(frozen=True, kw_only=True)
class Task(ABC):
    """What a network is trained for.

    Batches are scored twice: in training by sums that cost little (`compute_sums`, `compute_metrics`), and
    after an epoch by metrics of all rows (`measure`).

    Attributes:
        metrics: The metrics of `measure`, by name.
        monitor: The metric that selects the best epoch.
        loss: Replaces the loss of the task: of the outputs and the labels, a scalar or one loss per row.
        name: The name of the task.
        known_metrics: All metrics that a user may choose.
        default_metrics: The metrics that are always computed; the first is the default monitor.
        sum_count: Length of the vector that `compute_sums` returns.
    """

    metrics: Mapping[str, Metric]
    monitor: Monitor
    loss: LossFunction | None = None
    name: ClassVar[str]
    known_metrics: ClassVar[Metrics]
    default_metrics: ClassVar[tuple[str, ...]]

    @property
    @abstractmethod
    def sum_count(self) -> int:
        """Length of the vector that `compute_sums` returns."""

    @property
    def joins_batches(self) -> bool:
        """Whether all sums but that of the loss count rows, so that several batches may be scored as one."""
        return False

    @abstractmethod
    def read_labels(self, outputs: Any, labels: Any) -> Any:
        """Return labels in the one form that the loss and the metrics take.

        Raises:
            ModelError: The labels do not fit the task or the outputs.
        """

    @abstractmethod
    def compute_row_losses(self, outputs: Any, labels: Any) -> Tensor:
        """Compute the loss of each row [N], from labels that `read_labels` returned."""

    @abstractmethod
    def compute_sums(self, outputs: Any, labels: Any, loss: Tensor) -> Tensor:
        """Sum (rows, loss x rows, ...) for `compute_metrics`; sums of batches can be added."""

    @abstractmethod
    def compute_metrics(self, sums: list[float]) -> dict[str, float]:
        """Compute the mean loss and what else the sums tell."""

    @abstractmethod
    def read_scores(self, outputs: Any, labels: Any) -> Any:
        """Return what the metrics take, from outputs and labels of all rows on the CPU."""

    def compute_loss(self, outputs: Any, labels: Any, weights: Tensor | None = None) -> Tensor:
        """Compute the loss of a batch, a scalar: the mean of the rows, each multiplied by its weight.

        Args:
            outputs: The output of the model.
            labels: The labels of the batch.
            weights: A weight for each row [N]; None is 1.

        Raises:
            ModelError: The outputs do not fit the labels.
        """
        labels = self.read_labels(outputs, labels)
        losses = self.compute_row_losses(outputs, labels) if self.loss is None else self.loss(outputs, labels)
        return weigh_loss(losses, weights)

    def measure(self, outputs: Any, labels: Any) -> dict[str, float]:
        """Compute the metrics of all rows, from outputs and labels on the CPU.

        Raises:
            UsageError: A metric is not defined for these labels.
        """
        scores = self.read_scores(outputs, labels)
        values = dict[str, float]()
        for name, metric in self.metrics.items():
            found = metric.compute(scores)
            values |= found if isinstance(found, Mapping) else {name: found}
        if self.monitor.name not in (LOSS, *values):
            what = f"monitor: '{self.monitor.name}' is not defined: the data has no row of this class"
            raise UsageError(what, hint="validate on rows of every class (stratify=)")
        return values

    def for_validation(self) -> Self:
        """Return the task without what counts in training only, such as label smoothing."""
        return self

    def to(self, device: torch.device) -> Self:
        """Return the task with its tensors on a device."""
        del device
        return self

    def count_rows(self, labels: Any) -> int:
        """Count the rows of labels that `read_labels` returned."""
        return len(labels)


def weigh_loss(losses: Any, weights: Tensor | None) -> Tensor:
    """Average the losses of rows, each multiplied by its weight; a scalar is returned as it is.

    Raises:
        ModelError: A loss that is not a tensor of floats, or a scalar where rows have weights.
    """
    if not isinstance(losses, Tensor) or not losses.is_floating_point():
        found = type(losses).__name__ if not isinstance(losses, Tensor) else str(losses.dtype)
        raise ModelError(f"loss: expected a tensor of floats, got {found}", hint="return a scalar, or [N]")
    if weights is None:
        return losses.mean()
    if not losses.ndim or len(losses) != len(weights):
        what = f"loss: expected one loss for each of {len(weights)} rows, got {list(losses.shape)}"
        raise ModelError(what, hint='weights need the loss of each row: reduction="none"')
    return (losses.reshape(len(weights), -1).mean(dim=1) * weights).mean()
