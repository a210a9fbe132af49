"""The buffers of Arrow string arrays, as native kernels read them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

__all__ = ["get_buffers"]


def get_buffers(strings: pa.StringArray) -> tuple[np.ndarray, np.ndarray]:
    """Return the offsets (int32 [strings + 1]) and UTF-8 bytes (uint8) of strings without nulls, as views."""
    _, offsets, data = strings.buffers()
    if offsets is None:
        return np.zeros(1, np.int32), np.zeros(0, np.uint8)
    where = np.frombuffer(offsets, np.int32)[strings.offset : strings.offset + len(strings) + 1]
    return where, np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
