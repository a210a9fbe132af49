"""The sums of the training metrics, computed for many batches at once."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any, NamedTuple

import torch
from torch import Tensor

from headrace.columns import Ragged
from headrace.training.tasks import Split, Task

__all__ = ["MetricSums"]

_MOST_BATCHES = 32
_MOST_BYTES = 64 << 20  # of the batches that wait


class _Scored(NamedTuple):
    number: int
    batch: Split
    labels: Any
    outputs: Any
    loss: Tensor


class MetricSums:
    """The metric sums of an epoch so far.

    Sums of one small batch take as long as a layer, and reading them waits for the device: batches wait until
    there are some. The sums are the same bits however batches are grouped: losses are added one by one.

    Args:
        task: Computes the sums.

    Attributes:
        values: The sums of the batches, without those that wait.
        failure: Number and content of the first batch whose loss was not finite.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        self._waiting: list[_Scored] = []
        self._most = 1
        self.values: list[float] = []
        self.failure: tuple[int, Split] | None = None
        self.reset()

    def reset(self) -> None:
        """Start an epoch."""
        self.values = [0.0] * self._task.sum_count

    def to_tensor(self) -> Tensor:
        """Return the sums for a checkpoint, float64."""
        self.flush()
        return torch.tensor(self.values, dtype=torch.float64)

    def add(self, number: int, batch: Split, labels: Any, outputs: Any, loss: Tensor) -> None:
        """Add a batch.

        Args:
            number: Its number in the epoch.
            batch: Its content, before augmentation.
            labels: Its labels, after augmentation.
            outputs: The outputs of the model.
            loss: The loss, a scalar without gradient.
        """
        if not self._waiting:
            self._most = max(1, min(_MOST_BATCHES, _MOST_BYTES // max(1, _count_bytes(batch))))
        self._waiting.append(_Scored(number, batch, labels, outputs, loss))
        if len(self._waiting) >= self._most:
            self.flush()

    def flush(self) -> None:
        """Add the batches that wait."""
        scored, self._waiting = self._waiting, []
        if not scored:
            return
        losses = torch.stack([each.loss for each in scored]).tolist()
        for each, loss in zip(scored, losses, strict=True):
            if self.failure is None and not isfinite(loss):
                self.failure = each.number, each.batch
        if self._task.joins_batches and _have_one_shape(scored):
            self._add_joined(scored, losses)
            return
        sums = [self._task.compute_sums(each.outputs, each.labels, each.loss) for each in scored]
        for row in torch.stack(sums).tolist():
            self.values = [value + more for value, more in zip(self.values, row, strict=True)]

    def _add_joined(self, scored: Sequence[_Scored], losses: Sequence[float]) -> None:
        """Add batches whose sums are whole numbers but for that of the losses."""
        labels = torch.cat([each.labels for each in scored])
        outputs = torch.cat([each.outputs for each in scored])
        rows, _, *counts = self._task.compute_sums(outputs, labels, torch.zeros_like(scored[0].loss)).tolist()
        for each, loss in zip(scored, losses, strict=True):
            self.values[1] += loss * each.labels.shape[0]
        self.values[0] += rows
        for place, count in enumerate(counts, 2):
            self.values[place] += count


def _have_one_shape(scored: Sequence[_Scored]) -> bool:
    """Return whether outputs and labels are tensors that differ in their rows only."""
    tensors = [(each.outputs, each.labels) for each in scored]
    if not all(isinstance(value, Tensor) and value.ndim for pair in tensors for value in pair):
        return False
    return len({(one.shape[1:], other.shape[1:], one.dtype, other.dtype) for one, other in tensors}) == 1


def _count_bytes(batch: Split) -> int:
    parts = [part for value in batch.features.values() for part in _list_tensors(value)]
    return sum(each.nbytes for each in parts)


def _list_tensors(value: Any) -> list[Tensor]:
    return [value.values, value.row_splits] if isinstance(value, Ragged) else [value]
