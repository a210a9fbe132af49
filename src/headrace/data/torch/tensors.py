"""Convert a record batch to tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import torch

from headrace.columns import Ragged, from_arrow
from headrace.errors import SchemaError

__all__ = ["Tensors", "to_tensors"]

Tensors = dict[str, Any]  # by column name: a Tensor, or a Ragged of two tensors


def to_tensors(batch: pa.RecordBatch, device: torch.device | str | None = None) -> Tensors:
    """Convert a batch to tensors by column name.

    Args:
        batch: A batch without string columns.
        device: The device to copy the tensors to; None is the CPU.

    Returns:
        A dense column as a Tensor [rows, ...] of the column's dtype, float64 as float32; a ragged column as
        `Ragged(values, row_splits)` of tensors, `row_splits` int64 [rows + 1]. The tensors are writable and
        share no memory with the batch.

    Raises:
        SchemaError: A column of strings, or of a type or with nulls that `headrace.columns` does not support.
    """
    return {
        name: _to_tensor(from_arrow(batch.column(name), name), name, device) for name in batch.schema.names
    }


def _to_tensor(value: Any, name: str, device: torch.device | str | None) -> Any:
    if isinstance(value, Ragged):
        return Ragged(_to_tensor(value.values, name, device), _to_tensor(value.row_splits, name, device))
    if isinstance(value, pa.Array):
        raise SchemaError(
            "strings cannot be converted to a tensor",
            feature=name,
            hint="look them up in a vocabulary first, or drop the column",
        )
    tensor = torch.from_numpy(_to_writable(value))
    return tensor if device is None else tensor.to(device)


def _to_writable(array: np.ndarray) -> np.ndarray:
    """Make an array writable and float64 float32, with at most one copy: Arrow's memory is read-only."""
    if array.dtype == np.float64:
        return array.astype(np.float32)
    return array if array.flags.writeable else array.copy()
