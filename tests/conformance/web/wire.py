"""Models and tensors to bytes and back, exactly: page.mjs reads and writes the same form.

A message is a little-endian uint32 N, a JSON header of N bytes, and the blobs that the header names by
[start, length], counted from its end; every blob begins at a multiple of 8. Numbers travel as they lie in
memory, so that NaNs keep their bits; strings as in Arrow, UTF-8 end to end beside int32 offsets.
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
    """A model, and what it shall be run on: NumPy arrays (of objects for strings) by input name."""
    blobs = _Blobs()
    described = [{name: _describe(blobs, value) for name, value in tensors.items()} for tensors in batches]
    return blobs.message({"model": blobs.add(model), "batches": described})


def decode_answer(message: bytes) -> list[dict[str, np.ndarray]]:
    """What the page answers: outputs by name, one mapping a batch.

    Raises:
        RuntimeError: The runtime refused the model or a batch; says what it said.
    """
    size = int.from_bytes(message[:4], "little")
    header = json.loads(message[4 : 4 + size])
    if "error" in header:
        raise RuntimeError(header["error"])
    blobs = memoryview(message)[4 + size :]
    return [{name: _tensor(blobs, each) for name, each in outputs.items()} for outputs in header["batches"]]


class _Blobs:
    """Byte strings laid end to end, each at a multiple of 8."""

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


def _describe(blobs: _Blobs, value: np.ndarray) -> dict[str, Any]:
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


def _tensor(blobs: memoryview, described: dict[str, Any]) -> np.ndarray:
    data, dims = _slice(blobs, described["data"]), described["dims"]
    if described["type"] != "string":
        return np.frombuffer(data, described["type"]).reshape(dims)
    offsets = np.frombuffer(_slice(blobs, described["offsets"]), np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    strings = pa.StringArray.from_buffers(len(offsets) - 1, buffers[1], buffers[2])
    return np.array(strings.to_pylist(), object).reshape(dims)


def _slice(blobs: memoryview, place: list[int]) -> memoryview:
    start, length = place
    return blobs[start : start + length]
