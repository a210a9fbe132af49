"""Data pipelines: sources of record batches, stages that transform them, and conversion to torch tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.lazy_names import load_on_use as _load_on_use

if TYPE_CHECKING:
    from headrace.data.dataset import Dataset
    from headrace.data.iterator import DatasetIterator

__all__ = ["Dataset", "DatasetIterator"]

__getattr__, __dir__ = _load_on_use(
    __name__,
    {
        "Dataset": "dataset",
        "DatasetIterator": "iterator",
    },
)
