"""Data pipelines: sources of record batches, stages that transform them, and conversion to torch tensors."""

from __future__ import annotations

from headrace.data.dataset import Dataset
from headrace.data.iterator import DatasetIterator

__all__ = ["Dataset", "DatasetIterator"]
