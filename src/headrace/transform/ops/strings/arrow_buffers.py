"""Conversion between Arrow string arrays and the buffers that native kernels read and write."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from headrace._native import argsort_strings

__all__ = ["get_buffers", "sort_by_bytes", "strings_from_buffers"]


def get_buffers(strings: pa.StringArray) -> tuple[np.ndarray, np.ndarray]:
    """Return the offsets (int32 [strings + 1]) and UTF-8 bytes (uint8) of strings without nulls, as views."""
    _, offsets, data = strings.buffers()
    if offsets is None:
        return np.zeros(1, np.int32), np.zeros(0, np.uint8)
    where = np.frombuffer(offsets, np.int32)[strings.offset : strings.offset + len(strings) + 1]
    return where, np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)


def strings_from_buffers(offsets: np.ndarray, data: np.ndarray) -> Any:
    """Make an Arrow string array of offsets (int32 [strings + 1]) and UTF-8 bytes, without a copy."""
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))


def sort_by_bytes(table: pa.Table, column: str) -> pa.Table:
    """Sort a table by the UTF-8 bytes of a column of strings without nulls; the sort is stable."""
    strings = table[column].combine_chunks()
    return table.take(pa.array(argsort_strings(*get_buffers(strings))))
