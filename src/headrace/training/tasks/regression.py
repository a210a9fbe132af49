"""Numbers: one per row, or several."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any, ClassVar

import torch
from torch import Tensor

from headrace.columns import Ragged
from headrace.errors import ModelError
from headrace.training.metrics import NUMBER_METRICS, Metrics, NumberScores
from headrace.training.tasks.task import Task

__all__ = ["Regression"]


@dataclass(frozen=True, kw_only=True)
class Regression(Task):
    """Floating-point labels [N] or [N, numbers]: mean squared error; its root in the label's units.

    Attributes:
        scale: Errors are divided by this before they are squared in the loss; in the label's units. A tuple
            has one for each number of a row.
        is_weighted: Whether rows have weights, so that the loss is not the mean of the squared errors.
    """

    scale: float | tuple[float, ...] = 1.0
    is_weighted: bool = False
    name: ClassVar[str] = "regression"
    known_metrics: ClassVar[Metrics] = NUMBER_METRICS
    default_metrics: ClassVar[tuple[str, ...]] = ("rmse",)

    @property
    def sum_count(self) -> int:
        """Rows, loss x rows, and squared errors where the loss is not their mean."""
        return 3 if self._differs else 2

    @property
    def joins_batches(self) -> bool:
        """Whether several batches may be scored as one."""
        return not self._differs

    @property
    def _differs(self) -> bool:
        return self.loss is not None or self.is_weighted or isinstance(self.scale, tuple)

    @property
    def _unit(self) -> float:
        """What the sums of squared errors are in units of."""
        return 1.0 if isinstance(self.scale, tuple) else self.scale

    def read_labels(self, outputs: Tensor, labels: Any) -> Tensor:
        """Return the labels.

        Raises:
            ModelError: The number of outputs is not the number of labels.
        """
        if isinstance(labels, Ragged) or outputs.numel() != labels.numel():
            count = "the" if isinstance(labels, Ragged) else f"{labels.numel()}"
            raise ModelError(
                f"expected one output for each of {count} labels, got {list(outputs.shape)}",
                hint="return one number per row, of shape [N] or [N, 1], or as many as the label has",
            )
        if isinstance(self.scale, tuple) and labels.numel() != len(labels) * len(self.scale):
            count = labels.numel() // max(1, len(labels))
            what = f"label_scale has {len(self.scale)} numbers, but the label has {count} per row"
            raise ModelError(what, hint="pass one scale for each number of a row")
        return labels

    def compute_loss(self, outputs: Tensor, labels: Any, weights: Tensor | None = None) -> Tensor:
        """Compute the loss of a batch, in squared units of `scale`; see `Task.compute_loss`."""
        if weights is not None or self.loss is not None:
            labels = self.read_labels(outputs, labels)
            return super().compute_loss(outputs.reshape(labels.shape), labels, weights)
        return self._square(outputs, self.read_labels(outputs, labels), self.scale).mean()

    def compute_row_losses(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Compute the squared error of each row [N], the mean over its numbers."""
        return self._square(outputs, labels, self.scale).reshape(len(labels), -1).mean(dim=1)

    def _square(self, outputs: Tensor, labels: Tensor, unit: float | tuple[float, ...]) -> Tensor:
        """Square the errors, in units of one number or of one for each number of a row."""
        errors = outputs.reshape(labels.shape) - labels
        return (errors / (labels.new_tensor(unit) if isinstance(unit, tuple) else unit)) ** 2

    def compute_sums(self, outputs: Tensor, labels: Any, loss: Tensor) -> Tensor:
        """Sum (rows, loss x rows, squared errors) for `compute_metrics`; sums of batches can be added."""
        rows = loss.new_full((), len(labels))
        sums = [rows, loss * rows]
        if self._differs:
            sums.append(self._square(outputs, labels, self._unit).mean() * rows)
        return torch.stack(sums)

    def compute_metrics(self, sums: list[float]) -> dict[str, float]:
        """Compute the mean loss, and the root mean squared error in the label's units."""
        return {"loss": sums[1] / sums[0], "rmse": sqrt(sums[-1] / sums[0]) * self._unit}

    def read_scores(self, outputs: Tensor, labels: Tensor) -> NumberScores:
        """Return what the metrics take."""
        rows = len(labels)
        return NumberScores(outputs.double().reshape(rows, -1), labels.double().reshape(rows, -1))
