"""Conversion between Arrow string arrays and the buffers that native kernels read and write."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from headrace._native import argsort_strings
from headrace.columns import get_buffers

__all__ = ["get_buffers", "sort_by_bytes", "strings_from_buffers", "strings_from_ends"]


def strings_from_buffers(offsets: np.ndarray, data: np.ndarray) -> Any:
    """Make an Arrow string array of offsets (int32 [strings + 1]) and UTF-8 bytes, without a copy."""
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))


def strings_from_ends(ends: np.ndarray, data: np.ndarray) -> pa.StringArray:
    """Make an Arrow string array of the end of each string in UTF-8 bytes."""
    offsets = np.concatenate([[0], ends]).astype(np.int64)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.large_string(), len(ends), buffers).cast(pa.string())


def sort_by_bytes(table: pa.Table, column: str) -> pa.Table:
    """Sort a table by the UTF-8 bytes of a column of strings without nulls; the sort is stable."""
    strings = table[column].combine_chunks()
    return table.take(pa.array(argsort_strings(*get_buffers(strings))))
