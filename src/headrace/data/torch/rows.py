"""The rows of a dataset as a map-style torch dataset."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Protocol

from torch.utils.data import Dataset

from headrace.arguments import check_integer, check_integers
from headrace.columns import Ragged
from headrace.data.random_access import PipelineRows
from headrace.data.torch.pairs import make_pair
from headrace.data.torch.placement import Placement
from headrace.data.torch.tensors import Converter

__all__ = ["TorchRows"]


class RowsByNumber(Protocol):
    """What `TorchRows` needs of a `Dataset`."""

    def open_random_access(self) -> PipelineRows:
        """Open the rows by number."""
        ...


class TorchRows(Dataset[Any]):
    """The rows of a dataset by number, as `torch.utils.data.DataLoader` reads them with a sampler.

    Item i is row i as a dict of tensors without a batch dimension; a ragged column is a Tensor [length].
    A `DataLoader` requests the rows of a batch at once (`__getitems__`), which reads them in one go.

    Args:
        dataset: The dataset.
        label: The column of the label, if items are pairs of inputs and label.

    Raises:
        UsageError: The rows cannot be read by number.
    """

    def __init__(self, dataset: RowsByNumber, label: str | None = None) -> None:
        self._dataset = dataset
        self._label = label
        self._open()

    def _open(self) -> None:
        self._rows = self._dataset.open_random_access()
        self._process = os.getpid()
        self._converter: Converter | None = None

    def __len__(self) -> int:
        return self._rows.num_rows

    def __getitem__(self, index: int) -> Any:
        rows, index = len(self), check_integer(index, "index", -(2**63))
        if not -rows <= index < rows:
            raise IndexError(f"row {index} of {rows:,}")
        return self.__getitems__([index % rows])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[Any]:
        """Read the rows of these numbers, from 0, in this order."""
        if self._process != os.getpid():
            self._open()  # in a forked worker: files of the parent are not shared
        batch = self._rows.take(check_integers(indices, "indices"))
        if self._converter is None:
            self._converter = Converter(batch.schema, Placement())
        tensors = self._converter.convert(batch)
        columns = [_split_rows(value) for value in tensors.values()]
        rows = (dict(zip(tensors, row, strict=True)) for row in zip(*columns, strict=True))
        return [make_pair(row, self._label) for row in rows]

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the dataset; the rows are opened by the process that reads them."""
        return {"_dataset": self._dataset, "_label": self._label}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._open()


def _split_rows(value: Any) -> Sequence[Any]:
    if isinstance(value, Ragged):
        return value.values.split(value.row_splits.diff().tolist())
    return value.unbind(0)
