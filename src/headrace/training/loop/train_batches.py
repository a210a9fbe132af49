"""The batches of an epoch: prefetched, resumable, and without a last batch of a single row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from headrace.columns import Ragged
from headrace.training.model_inputs import Features

if TYPE_CHECKING:
    from headrace.data import Dataset
    from headrace.data.torch import TorchIterator

__all__ = ["TrainBatches", "count_batches"]


def count_batches(rows: int, batch_size: int) -> int:
    """Count the batches of an epoch; a last batch of a single row is part of the one before.

    A batch norm cannot train on one row.

    Example:
        >>> count_batches(10, 4), count_batches(9, 4), count_batches(1, 4)
        (3, 2, 1)
    """
    full, rest = divmod(rows, batch_size)
    return full + (rest > 1 or (rest == 1 and not full))


class TrainBatches:
    """The batches of one epoch on a device; a thread prefetches them.

    Args:
        train: The training data of the epoch.
        rows: Its number of rows.
        batch_size: Rows of a batch.
        device: The device of the training.

    Attributes:
        wait_seconds: Seconds that the training has waited for batches.
    """

    def __init__(self, train: Dataset, rows: int, batch_size: int, device: torch.device) -> None:
        is_pinned = device.type == "cuda"
        prefetched = train.batch(batch_size).prefetch()
        self._batches: TorchIterator = iter(
            prefetched.to_torch(device, pin_memory=is_pinned, non_blocking=is_pinned)
        )
        self._last = count_batches(rows, batch_size) - 1
        self._has_single = self._last >= 0 and rows == (self._last + 1) * batch_size + 1
        self.wait_seconds = 0.0

    def iterate(self, start: int, seek: Callable[[TorchIterator], object]) -> Iterator[Features]:
        """Yield the batches from number `start` on, to which `seek` moves."""
        seek(self._batches)
        for number in range(start, 2**63):
            requested_at = monotonic()
            batch = next(self._batches, None)
            if batch is not None and self._has_single and number == self._last:
                batch = _join(batch, next(self._batches, None))
            self.wait_seconds = monotonic() - requested_at
            if batch is None:
                return
            yield batch

    def state_dict(self) -> dict[str, Any]:
        """Return the position after the last batch."""
        return self._batches.state_dict()

    def close(self) -> None:
        """Stop reading."""
        self._batches.close()


def _join(batch: Features, single: Features | None) -> Features:
    return batch if single is None else {name: _join_column(batch[name], single[name]) for name in batch}


def _join_column(first: Tensor | Ragged, second: Tensor | Ragged) -> Tensor | Ragged:
    if not isinstance(first, Ragged) or not isinstance(second, Ragged):
        return torch.cat([first, second])  # pyright: ignore[reportArgumentType, reportCallIssue]
    splits = torch.cat([first.row_splits, first.row_splits[-1] + second.row_splits[1:]])
    return Ragged(torch.cat([first.values, second.values]), splits)
