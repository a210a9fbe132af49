"""Digests of the contents of arrays, tensors and tables."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pyarrow as pa

from headrace._native import crc32c
from headrace.data.identity.encode import digest

__all__ = ["array_digest", "bytes_digest", "table_digest", "tensor_digest"]

_SMALL = 1 << 16  # bytes; larger contents are digested at the speed of memory


def bytes_digest(data: Any) -> bytes:
    """Compute a digest of bytes, or of an array of them; CRC-32C and the length where they are many."""
    view = memoryview(data).cast("B")
    if view.nbytes <= _SMALL:
        return digest(view)
    array = np.frombuffer(view, np.uint8)
    return digest(b"%d %08x" % (view.nbytes, crc32c(array)), array[: _SMALL // 4], array[-_SMALL // 4 :])


def array_digest(array: np.ndarray) -> bytes:
    """Compute a digest of an array's type, shape and values; its layout in memory does not matter.

    Raises:
        TypeError: The array holds Python objects.
    """
    if array.dtype.hasobject:
        raise TypeError("an array of Python objects")
    flat = np.ascontiguousarray(array).reshape(-1)
    data = flat.view(np.uint8) if flat.size and flat.dtype.itemsize else np.zeros(0, np.uint8)
    return digest(f"{array.dtype.descr} {array.shape} ".encode(), bytes_digest(data))


def tensor_digest(value: Any) -> bytes | None:
    """Compute a digest of a torch tensor's type, shape and values on any device; None for other objects.

    Raises:
        TypeError: The tensor is not dense.
    """
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(value, torch.Tensor):
        return None
    if value.layout is not torch.strided or value.is_quantized or value.device.type == "meta":
        raise TypeError("a tensor that is not dense")
    flat = value.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
    return digest(f"{value.dtype} {tuple(value.shape)} ".encode(), bytes_digest(flat.numpy()))


class _Sink:
    """A file that keeps only the digests of what Arrow writes to it."""

    def __init__(self) -> None:
        self.checksum = self.length = 0
        self.closed = False

    def write(self, data: Any) -> int:
        """Append bytes."""
        view = memoryview(data).cast("B")
        if view.nbytes:
            self.checksum = crc32c(np.frombuffer(view, np.uint8), self.checksum)
        self.length += view.nbytes
        return view.nbytes

    def flush(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Accept no more bytes."""
        self.closed = True

    def tell(self) -> int:
        """Return the number of bytes written."""
        return self.length


def table_digest(data: pa.Table | pa.RecordBatch) -> bytes:
    """Compute a digest of a table's schema and values: the CRC-32C of its IPC stream.

    The bounds of its chunks are part of it.
    """
    sink = _Sink()
    with pa.ipc.new_stream(pa.PythonFile(sink, mode="w"), data.schema) as writer:
        writer.write(data)
    schema = data.schema.serialize().to_pybytes()
    return digest(b"%d %08x " % (sink.length, sink.checksum), schema)
