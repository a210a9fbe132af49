"""Bytes in Arrow's own memory, for what Arrow reads on its own threads."""

from __future__ import annotations

import pyarrow as pa

__all__ = ["copy_to_arrow"]


def copy_to_arrow(data: bytes) -> pa.Buffer:
    """Copy bytes into memory that Arrow allocates.

    Threads of Arrow may release the input of `pyarrow.csv.read_csv` after its result is there. To release
    bytes of Python they need the interpreter; if it is just exiting, the process aborts.
    """
    buffer = pa.allocate_buffer(len(data))
    pa.FixedSizeBufferWriter(buffer).write(data)
    return buffer
