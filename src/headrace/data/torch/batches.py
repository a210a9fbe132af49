"""Iterate over a dataset in tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import torch
from torch.utils.data import IterableDataset, get_worker_info

from headrace.data.iterator import DatasetIterator
from headrace.data.torch.pairs import make_pair
from headrace.data.torch.placement import Placement
from headrace.data.torch.steps import StepConverter
from headrace.errors import UsageError

__all__ = ["TorchBatches", "TorchIterator"]


class DividedBatches(Protocol):
    """What `TorchBatches` needs of a `Dataset`."""

    @property
    def epoch_number(self) -> int:
        """The epoch to iterate."""
        ...

    @property
    def num_batches(self) -> int | None:
        """The number of batches, or None if it is unknown."""
        ...

    def epoch(self, number: int) -> DividedBatches:
        """Select an epoch."""
        ...

    def divide_batches(self, index: int, workers: int) -> DividedBatches:
        """Return the share of one of several workers."""
        ...

    def __iter__(self) -> DatasetIterator: ...


class UnknownLengthError(UsageError, TypeError):
    """The number of batches is unknown before reading; a TypeError, as `len` and PyTorch expect."""


class TorchBatches(IterableDataset[Any]):
    """The batches of a dataset as dicts of tensors by column name; `to_tensors` describes the tensors.

    A `torch.utils.data.IterableDataset` of whole batches:

        loader = DataLoader(ds.batch(64).to_torch(), batch_size=None, num_workers=2)

    In the workers of a `DataLoader`, each worker yields its share of the batches. Where rows can be read by
    number, the loader then yields the batches that it yields without workers; each row of an epoch is yielded
    once in any case.

    `state_dict` and `load_state_dict`, here and of the iterators, are the protocol of torchdata's
    `StatefulDataLoader`; `set_epoch` is that of Accelerate.

    Args:
        batches: The batches to convert.
        placement: The memory to copy tensors to.
        label: The column of the label, if batches are pairs of inputs and label; see `make_pair`.
    """

    def __init__(self, batches: DividedBatches, placement: Placement, label: str | None = None) -> None:
        self._batches = batches
        self._placement = placement
        self._label = label
        # Shared memory: persistent workers of a DataLoader see the epoch that their parent sets.
        self._epoch = torch.tensor(batches.epoch_number).share_memory_()
        self._latest: DatasetIterator | None = None
        self._resume_at: dict[str, Any] | None = None

    @property
    def epoch(self) -> int:
        """The epoch that the next iterator yields."""
        return int(self._epoch)

    def set_epoch(self, epoch: int) -> None:
        """Select the epoch that the next iterator yields, in the workers of a `DataLoader`, too.

        A saved position in an earlier epoch is dropped: an epoch that was saved at its end is over.
        """
        number = self._batches.epoch(epoch).epoch_number
        if self._resume_at is not None and self._resume_at["epoch"] < number:
            self._latest = self._resume_at = None
        self._epoch.fill_(number)

    def __len__(self) -> int:
        count = self._batches.num_batches
        if count is None:
            raise UnknownLengthError(
                "the number of batches is unknown before reading",
                hint="use batch() on data of a known number of rows, or iterate without len()",
            )
        return count

    def __iter__(self) -> TorchIterator:
        self._latest = self._open()
        if self._resume_at is not None:
            self._latest.load_state_dict(self._resume_at)
            self._resume_at = None
        return TorchIterator(self._latest, self._placement, self._label)

    def state_dict(self) -> dict[str, Any]:
        """Return the position of the latest iterator; see `DatasetIterator.state_dict`."""
        return (self._latest or self._open()).state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Start the next iterator at a saved position, in its epoch; see `DatasetIterator.load_state_dict`.

        Raises:
            UsageError: `state` is of other data or another pipeline.
        """
        self._latest = self._open()
        self._latest.load_state_dict(state)
        self._resume_at = dict(state)
        self._epoch.fill_(state["epoch"])

    def _open(self) -> DatasetIterator:
        batches = self._batches
        if self.epoch != batches.epoch_number:
            batches = batches.epoch(self.epoch)
        worker = get_worker_info()
        if worker is not None:
            batches = batches.divide_batches(worker.id, worker.num_workers)
        return iter(batches)

    def __getstate__(self) -> dict[str, Any]:
        """Pickle all but the latest iterator."""
        return {**self.__dict__, "_latest": None}


class TorchIterator(Iterator[Any]):
    """One pass over a dataset in tensors; its state is that of the underlying `DatasetIterator`.

    The tensors of several batches and columns may be views of one tensor of about 1 MB. They do not overlap,
    and may be written to; `clone` a tensor to keep or save it alone.
    """

    def __init__(self, batches: DatasetIterator, placement: Placement, label: str | None = None) -> None:
        self._batches = batches
        self._label = label
        self._next_step = batches.next_step
        self._convert = StepConverter(placement).convert

    def __next__(self) -> Any:
        return make_pair(self._convert(self._next_step()), self._label)

    def close(self) -> None:
        """Stop early; see `DatasetIterator.close`."""
        self._batches.close()

    def __del__(self) -> None:
        # `TorchBatches` keeps the DatasetIterator for its position, not its threads and files.
        self._batches.close()

    def state_dict(self) -> dict[str, Any]:
        """Return the position; see `DatasetIterator.state_dict`."""
        return self._batches.state_dict()

    def state_of_shares(self, rows: int) -> dict[str, Any]:
        """Return the position of all shares of the batches; see `DatasetIterator.state_of_shares`."""
        return self._batches.state_of_shares(rows)

    def seek(self, state: Mapping[str, Any], rows: int) -> None:
        """Resume where any number of shares were; see `DatasetIterator.seek`."""
        self._batches.seek(state, rows)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Resume at a saved position; see `DatasetIterator.load_state_dict`."""
        self._batches.load_state_dict(state)
