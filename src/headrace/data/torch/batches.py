"""Iterate over a dataset in tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from headrace.data.iterator import DatasetIterator
from headrace.data.torch.tensors import Converter, Placement, Tensors

__all__ = ["TorchBatches", "TorchIterator"]


class ResumableBatches(Protocol):
    """An iterable of record batches whose iterators can be saved and restored, such as a `Dataset`."""

    def __iter__(self) -> DatasetIterator: ...


@dataclass(frozen=True)
class TorchBatches:
    """The batches of a dataset as dicts of tensors by column name; `to_tensors` describes the tensors.

    Attributes:
        batches: The batches to convert.
        device: The device to copy tensors to; None is the CPU.
    """

    batches: ResumableBatches
    device: torch.device | str | None = None

    def __iter__(self) -> TorchIterator:
        return TorchIterator(iter(self.batches), self.device)


class TorchIterator:
    """One pass over a dataset in tensors; its state is that of the underlying `DatasetIterator`."""

    def __init__(self, batches: DatasetIterator, device: torch.device | str | None) -> None:
        self._batches = batches
        self._placement = Placement(device)
        self._converter: Converter | None = None

    def __iter__(self) -> TorchIterator:
        return self

    def __next__(self) -> Tensors:
        batch = next(self._batches)
        if self._converter is None:
            self._converter = Converter(batch.schema, self._placement)
        return self._converter.convert(batch)

    def close(self) -> None:
        """Stop early; see `DatasetIterator.close`."""
        self._batches.close()

    def state_dict(self) -> dict[str, Any]:
        """Return the position; see `DatasetIterator.state_dict`."""
        return self._batches.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Resume at a saved position; see `DatasetIterator.load_state_dict`."""
        self._batches.load_state_dict(dict(state))
