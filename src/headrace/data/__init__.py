"""Data pipelines: sources of record batches, stages that change them, and the way into torch."""

from __future__ import annotations

from headrace.data.dataset import Dataset
from headrace.data.iterator import DatasetIterator

__all__ = ["Dataset", "DatasetIterator"]
