"""Several outputs of different kinds: a task for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from headrace.heads import SeveralHeads
from headrace.training.metrics import Metrics
from headrace.training.tasks.task import Task, weigh_loss

__all__ = ["Several"]


@dataclass(frozen=True, kw_only=True)
class Several(Task):
    """Outputs by name, and a task for each; the loss is the sum of theirs.

    Attributes:
        head: The heads of the outputs.
        tasks: Output to task.
    """

    head: SeveralHeads
    tasks: Mapping[str, Task]
    name: ClassVar[str] = "several"
    known_metrics: ClassVar[Metrics] = {}
    default_metrics: ClassVar[tuple[str, ...]] = ()

    @property
    def sum_count(self) -> int:
        """Rows, loss x rows, and the sums of each task."""
        return 2 + sum(task.sum_count for task in self.tasks.values())

    def read_labels(self, outputs: Any, labels: Any) -> Any:
        """Return the labels of each output."""
        parts = self.head.select(outputs)
        return {key: task.read_labels(parts[key], labels[key]) for key, task in self.tasks.items()}

    def compute_row_losses(self, outputs: Any, labels: Any) -> Tensor:
        """Compute the sum of the losses of each row [N]."""
        losses = [task.compute_row_losses(outputs[key], labels[key]) for key, task in self.tasks.items()]
        return torch.stack(losses).sum(dim=0)

    def compute_loss(self, outputs: Any, labels: Any, weights: Tensor | None = None) -> Tensor:
        """Compute the sum of the losses of a batch, see `Task.compute_loss`."""
        parts = self.head.select(outputs)
        if self.loss is not None:
            return weigh_loss(self.loss(parts, self.read_labels(parts, labels)), weights)
        losses = [task.compute_loss(parts[key], labels[key], weights) for key, task in self.tasks.items()]
        return torch.stack(losses).sum()

    def compute_sums(self, outputs: Any, labels: Any, loss: Tensor) -> Tensor:
        """Sum (rows, loss x rows, sums of each task) for `compute_metrics`; sums of batches can be added."""
        rows = loss.new_full((), self.count_rows(labels))
        sums = [torch.stack([rows, loss * rows])]
        for key, task in self.tasks.items():
            part = task.compute_loss(outputs[key], labels[key]) if self.loss is None else loss
            sums.append(task.compute_sums(outputs[key], labels[key], part))
        return torch.cat([each.to(loss.dtype) for each in sums])

    def compute_metrics(self, sums: list[float]) -> dict[str, float]:
        """Compute the mean loss, and the metrics of each task as NAME_METRIC."""
        metrics, place = {"loss": sums[1] / sums[0]}, 2
        for key, task in self.tasks.items():
            values = task.compute_metrics(sums[place : place + task.sum_count])
            metrics |= {f"{key}_{name}": value for name, value in values.items()}
            place += task.sum_count
        return metrics

    def read_scores(self, outputs: Any, labels: Any) -> Any:
        """Return the outputs and labels, of which `measure` makes the scores of each task."""
        return outputs, labels

    def measure(self, outputs: Any, labels: Any) -> dict[str, float]:
        """Compute the metrics of each task as NAME_METRIC."""
        values = dict[str, float]()
        for key, task in self.tasks.items():
            found = task.measure(outputs[key], labels[key])
            values |= {f"{key}_{name}": value for name, value in found.items()}
        return values

    def for_validation(self) -> Self:
        """Return the tasks without what counts in training only."""
        return replace(self, tasks={key: task.for_validation() for key, task in self.tasks.items()})

    def to(self, device: torch.device) -> Self:
        """Return the tasks with their tensors on a device."""
        return replace(self, tasks={key: task.to(device) for key, task in self.tasks.items()})

    def count_rows(self, labels: Any) -> int:
        """Count the rows."""
        key, task = next(iter(self.tasks.items()))
        return task.count_rows(labels[key])
