"""Record batches as torch tensors: the model's door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headrace.extras import require

require("torch", extra="train", purpose="Dataset.to_torch")

import numpy as np
import pyarrow as pa
import torch

from headrace.columns import Ragged, from_arrow
from headrace.errors import SchemaError

if TYPE_CHECKING:
    from headrace.data.dataset import Dataset
    from headrace.data.iterator import DatasetIterator

__all__ = ["TorchBatches", "TorchIterator", "to_tensors"]

Tensors = dict[str, Any]  # Tensor, or Ragged of two tensors


@dataclass(frozen=True)
class TorchBatches:
    """A dataset's batches as dicts of tensors, by column name.

    A dense column is a Tensor [rows, ...] of the column's dtype, float64 becoming float32; a ragged one is
    `Ragged(values, row_splits)` of tensors, `row_splits` int64 [rows + 1]. Tensors are writable and belong to
    the caller.

    Attributes:
        dataset: Where batches come from.
        device: Where tensors go; None is the CPU.
    """

    dataset: Dataset
    device: torch.device | str | None = None

    def __iter__(self) -> TorchIterator:
        return TorchIterator(iter(self.dataset), self.device)


class TorchIterator:
    """One pass in tensors, with the state of the pass over batches below it."""

    def __init__(self, batches: DatasetIterator, device: torch.device | str | None) -> None:
        self._batches = batches
        self._device = device

    def __iter__(self) -> TorchIterator:
        return self

    def __next__(self) -> Tensors:
        return to_tensors(next(self._batches), self._device)

    def close(self) -> None:
        """Stop early; see `DatasetIterator.close`."""
        self._batches.close()

    def state_dict(self) -> dict[str, Any]:
        """See `DatasetIterator.state_dict`."""
        return self._batches.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """See `DatasetIterator.load_state_dict`."""
        self._batches.load_state_dict(dict(state))


def to_tensors(batch: pa.RecordBatch, device: torch.device | str | None = None) -> Tensors:
    """A batch as tensors by column name.

    Raises:
        SchemaError: A column of strings, or of a type or with nulls that `headrace.columns` has no place for.
    """
    return {name: _tensor(from_arrow(batch.column(name), name), name, device) for name in batch.schema.names}


def _tensor(value: Any, name: str, device: torch.device | str | None) -> Any:
    if isinstance(value, Ragged):
        return Ragged(_tensor(value.values, name, device), _tensor(value.row_splits, name, device))
    if isinstance(value, pa.Array):
        raise SchemaError(
            "strings cannot become a tensor",
            feature=name,
            hint="look them up in a vocabulary first, or drop the column",
        )
    tensor = torch.from_numpy(_own(value))
    return tensor if device is None else tensor.to(device)


def _own(array: np.ndarray) -> np.ndarray:
    """The array as a writable one, float64 as float32; copied once at most: Arrow's memory is read-only."""
    if array.dtype == np.float64:
        return array.astype(np.float32)
    return array if array.flags.writeable else array.copy()
