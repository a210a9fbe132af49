"""The batches of an epoch, or a rank's share of each: prefetched, resumable, none of a single row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic
from typing import TYPE_CHECKING, Any

import torch

from headrace.columns import Ragged, Strings
from headrace.data.stages import share_rows
from headrace.errors import UsageError
from headrace.training.loop.step_profiler import StepProfiler
from headrace.training.model_inputs import Features
from headrace.training.ranks import ALONE, Ranks

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
        profiler: Measures the batches, if some of them are to be profiled.
        ranks: The ranks that share each batch.

    Attributes:
        wait_seconds: Seconds that the training has waited for batches.
    """

    def __init__(
        self,
        train: Dataset,
        rows: int,
        batch_size: int,
        device: torch.device,
        profiler: StepProfiler | None = None,
        ranks: Ranks = ALONE,
    ) -> None:
        is_pinned = device.type == "cuda"
        self._rows, self._size, self._ranks = rows, batch_size, ranks
        batches = train.as_supervised(None)
        if ranks.are_many:
            batches = batches.share_batches(batch_size, ranks.rank, ranks.count)
        else:
            batches = batches.batch(batch_size)
        prefetched = batches.prefetch()
        self._next: Callable[[TorchIterator], Features | None] = _next_batch
        if profiler is None:
            torch_batches = prefetched.to_torch(device, pin_memory=is_pinned, non_blocking=is_pinned)
            self._batches: TorchIterator = iter(torch_batches)
        else:
            self._batches = profiler.open(prefetched, device, is_pinned=is_pinned)
            self._next = profiler.next_batch
        self._last = count_batches(rows, batch_size) - 1
        self._has_single = self._last >= 0 and rows == (self._last + 1) * batch_size + 1
        self.wait_seconds = 0.0

    def iterate(self, start: int = 0, state: dict[str, Any] | None = None) -> Iterator[Features]:
        """Yield the batches from number `start` on, the position of a state; an empty share has no columns.

        Raises:
            UsageError: The state is of other data, or this rank reads other rows than the first one.
        """
        if state is not None:
            self._seek(start, state)
        for number in range(start, self._last + 1 if self._ranks.are_many else 2**63):
            requested_at = monotonic()
            self._ranks.note("reads training data")
            batch = self._next(self._batches)
            if batch is not None and self._has_single and number == self._last:
                batch = _join(batch, self._next(self._batches))
            self.wait_seconds = monotonic() - requested_at
            if batch is None:
                if not self._ranks.are_many:
                    return
                first, stop = self._share(number, self._ranks.rank)
                if stop > first:
                    what = f"the training data ends in batch {number + 1} of {self._last + 1}"
                    raise UsageError(what, hint="every process must read the same rows in the same order")
                batch = {}
            yield batch

    def count_rows(self, number: int, own: int) -> tuple[int, bool]:
        """Count the rows of a batch, of which this rank has `own`; return whether every rank has some."""
        if not self._ranks.are_many:
            return own, True
        rows = self._rows - number * self._size if number == self._last else self._size
        first, stop = self._share(number, self._ranks.count - 1)
        return rows, stop > first

    def _share(self, number: int, rank: int) -> tuple[int, int]:
        rows = min(self._size, self._rows - number * self._size)  # without a single row that joins
        return share_rows(rows, self._size, rank, self._ranks.count)

    def _seek(self, number: int, state: dict[str, Any]) -> None:
        is_of_shares = state.get("cursor") is None and state.get("rows")
        if not self._ranks.are_many and not is_of_shares:
            self._batches.load_state_dict(state)
            return
        first, stop = share_rows(self._size, self._size, self._ranks.rank, self._ranks.count)
        self._batches.seek(state, number * (stop - first))

    def state_dict(self, number: int) -> dict[str, Any]:
        """Return the position after batch `number`, counted from 1, for any number of ranks."""
        if not self._ranks.are_many:
            return self._batches.state_dict()
        return self._batches.state_of_shares(number * self._size)

    def close(self) -> None:
        """Stop reading."""
        self._batches.close()


def _next_batch(batches: TorchIterator) -> Features | None:
    return next(batches, None)


def _join(batch: Features, single: Features | None) -> Features:
    return batch if single is None else {name: _join_column(batch[name], single[name]) for name in batch}


def _join_column(first: Any, second: Any) -> Any:
    if isinstance(first, Strings):
        return Strings.join([first, second])
    if not isinstance(first, Ragged):
        return torch.cat([first, second])
    splits = torch.cat([first.row_splits, first.row_splits[-1] + second.row_splits[1:]])
    return Ragged(_join_column(first.values, second.values), splits)
