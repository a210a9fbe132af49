"""Exact encoding of models and tensors as bytes; page.mjs has the counterpart.

A message is a little-endian uint32 N, a JSON header of N bytes, and blobs that the header refers to by
[start, length], counted from its end; every blob starts at a multiple of 8. Numbers are encoded as in
memory, so NaNs keep their bits; strings as in Arrow: concatenated UTF-8 and int32 offsets.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

__all__ = ["decode_answer", "encode_job"]

Tensors = Mapping[str, Any]


def encode_job(model: bytes, batches: Iterable[Tensors]) -> bytes:
    """Encode a model and batches of inputs: NumPy arrays by input name, of objects for strings."""
    blobs = _Blobs()
    encoded = [{name: _encode(blobs, value) for name, value in tensors.items()} for tensors in batches]
    return blobs.message({"model": blobs.add(model), "batches": encoded})


def decode_answer(message: bytes) -> list[dict[str, np.ndarray]]:
    """Decode the answer of the page: outputs by name, one mapping per batch.

    Raises:
        RuntimeError: The runtime raised an error, whose message it has.
    """
    size = int.from_bytes(message[:4], "little")
    header = json.loads(message[4 : 4 + size])
    if "error" in header:
        raise RuntimeError(header["error"])
    blobs = memoryview(message)[4 + size :]
    return [{name: _tensor(blobs, each) for name, each in outputs.items()} for outputs in header["batches"]]


class _Blobs:
    """Concatenated byte strings, each at a multiple of 8."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, data: bytes) -> tuple[int, int]:
        start = self._size
        padding = -len(data) % 8
        self._parts += [data, bytes(padding)]
        self._size += len(data) + padding
        return start, len(data)

    def message(self, header: dict[str, Any]) -> bytes:
        text = json.dumps(header).encode()
        text += b" " * (-(len(text) + 4) % 8)
        return b"".join([len(text).to_bytes(4, "little"), text, *self._parts])


def _encode(blobs: _Blobs, value: np.ndarray) -> dict[str, Any]:
    if value.dtype != object:
        data = blobs.add(np.ascontiguousarray(value).tobytes())
        return {"type": str(value.dtype), "dims": value.shape, "data": data}
    _, offsets, data = pa.array(value.reshape(-1).tolist(), pa.string()).buffers()
    parts = [each.to_pybytes() if each else b"" for each in (data, offsets)]
    return {
        "type": "string",
        "dims": value.shape,
        "data": blobs.add(parts[0]),
        "offsets": blobs.add(parts[1]),
    }


def _tensor(blobs: memoryview, encoded: dict[str, Any]) -> np.ndarray:
    data, dims = _slice(blobs, encoded["data"]), encoded["dims"]
    if encoded["type"] != "string":
        return np.frombuffer(data, encoded["type"]).reshape(dims)
    offsets = np.frombuffer(_slice(blobs, encoded["offsets"]), np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    strings = pa.StringArray.from_buffers(len(offsets) - 1, buffers[1], buffers[2])
    return np.array(strings.to_pylist(), object).reshape(dims)


def _slice(blobs: memoryview, place: list[int]) -> memoryview:
    start, length = place
    return blobs[start : start + length]
