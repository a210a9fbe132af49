"""Quantiles of one number per row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
from torch import Tensor

from headrace.errors import ModelError
from headrace.heads import QuantileRegressor
from headrace.training.metrics import QUANTILE_METRICS, Metrics, QuantileScores, compute_pinball
from headrace.training.tasks.task import Task

__all__ = ["Quantiles"]


@dataclass(frozen=True, kw_only=True)
class Quantiles(Task):
    """Floating-point labels [N] and outputs [N, quantiles]: the mean pinball loss.

    Attributes:
        head: Says which quantiles.
        scale: Errors are divided by this in the loss; in the label's units.
    """

    head: QuantileRegressor = field(default_factory=QuantileRegressor)
    scale: float | tuple[float, ...] = 1.0
    name: ClassVar[str] = "quantiles"
    known_metrics: ClassVar[Metrics] = QUANTILE_METRICS
    default_metrics: ClassVar[tuple[str, ...]] = ("pinball",)

    @property
    def sum_count(self) -> int:
        """Rows, loss x rows."""
        return 2

    def read_labels(self, outputs: Tensor, labels: Any) -> Tensor:
        """Return the labels, [N].

        Raises:
            ModelError: There is not one output per quantile, or not one label per row.
        """
        shape = [len(labels), len(self.head.quantiles)]
        if list(outputs.shape) != shape:
            what = f"expected one output per quantile, {shape}, got {list(outputs.shape)}"
            raise ModelError(what, hint="return one number per quantile from the model")
        if isinstance(self.scale, tuple):
            what = f"label_scale has {len(self.scale)} numbers, but the label is one number per row"
            raise ModelError(what, hint="pass one number")
        return labels.reshape(len(labels))

    def compute_row_losses(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """Compute the pinball loss of each row [N], the mean over the quantiles."""
        levels = outputs.new_tensor(self.head.quantiles)
        return compute_pinball(outputs, labels, levels).mean(dim=1) / outputs.new_tensor(self.scale)

    def compute_sums(self, outputs: Any, labels: Any, loss: Tensor) -> Tensor:  # noqa: ARG002
        """Sum (rows, loss x rows) for `compute_metrics`; sums of batches can be added."""
        rows = loss.new_full((), len(labels))
        return torch.stack([rows, loss * rows])

    def compute_metrics(self, sums: list[float]) -> dict[str, float]:
        """Compute the mean loss."""
        return {"loss": sums[1] / sums[0]}

    def read_scores(self, outputs: Tensor, labels: Tensor) -> QuantileScores:
        """Return what the metrics take."""
        predicted = outputs.double().sort(dim=1).values
        levels = torch.tensor(self.head.quantiles, dtype=torch.float64)
        return QuantileScores(predicted, labels.double(), levels)
