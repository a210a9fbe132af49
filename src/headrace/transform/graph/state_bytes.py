"""Arrays as bytes, for states that travel between processes and are stored in caches.

    b"HRST" | format, 1 byte | header length, 4 bytes | header, JSON | the arrays' bytes end to end

The header names the state's owner and each array's dtype and shape. The bytes are untrusted input: every
length is checked against the bytes present, and nothing is executed. Integers are little-endian.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.errors import ModelError

__all__ = ["Packed", "corrupt_state", "pack", "unpack"]

Packed = np.ndarray | pa.Array

_START = b"HRST\x01"
_DTYPES = {"bool": "|b1", "uint8": "|u1", "int32": "<i4", "int64": "<i8", "float64": "<f8"}
_NAMES = {stored: name for name, stored in _DTYPES.items()}
_MOST_DIMENSIONS = 8


def pack(owner: str, arrays: Sequence[Packed]) -> bytes:
    """Serialize arrays.

    Args:
        owner: A text that identifies the accumulator; `unpack` requires the same.
        arrays: Arrays of bool, uint8, int32, int64 or float64, and Arrow string arrays.
    """
    entries: list[_Entry] = []
    parts: list[bytes] = []
    for array in arrays:
        if isinstance(array, pa.Array):
            offsets, text = _encode_strings(array)
            entries.append((len(array), len(text)))
            parts += [offsets, text]
        else:
            entries.append((_NAMES[array.dtype.str], array.shape))
            parts.append(array.tobytes())
    return b"".join([_header(owner, tuple(entries)), *parts])


_Entry = tuple[int, int] | tuple[str, tuple[int, ...]]


@lru_cache(4096)
def _header(owner: str, entries: tuple[_Entry, ...]) -> bytes:
    """Write the start of a state; most states of an accumulator have the same."""
    arrays = [
        {"strings": one, "bytes": other} if isinstance(one, int) else {"dtype": one, "shape": other}
        for one, other in entries
    ]
    header = json.dumps({"owner": owner, "arrays": arrays}).encode()
    return _START + len(header).to_bytes(4, "little") + header


def unpack(owner: str, data: bytes | memoryview) -> list[Packed]:
    """Deserialize the arrays that `pack` wrote for the same owner.

    Raises:
        ModelError: The bytes are corrupt, or of another format or owner.
    """
    header, at = _read_header(data)
    if not isinstance(header, dict) or header.get("owner") != owner:
        found = header.get("owner") if isinstance(header, dict) else None
        raise corrupt_state(f"expected the state of {owner!r:.200}, got that of {found!r:.200}")
    arrays: list[Packed] = []
    try:
        for each in header["arrays"]:
            array, at = (_decode_strings if "strings" in each else _decode_numbers)(each, data, at)
            arrays.append(array)
    except (LookupError, TypeError, ValueError, pa.ArrowException) as error:
        raise corrupt_state(f"at byte {at:,} ({type(error).__name__}: {error})") from error
    if at != len(data):
        raise corrupt_state(f"expected {at:,} bytes, got {len(data):,}")
    return arrays


def corrupt_state(what: str) -> ModelError:
    """Create the error for a state that cannot be read."""
    return ModelError(f"corrupt analyzer state: {what}", hint="compute it again")


def _read_header(data: bytes | memoryview) -> tuple[Any, int]:
    if data[: len(_START)] != _START:
        raise corrupt_state("unknown format")
    start = len(_START) + 4
    end = start + int.from_bytes(data[start - 4 : start], "little")
    if end > len(data):
        raise corrupt_state("truncated in its header")
    try:
        return json.loads(bytes(data[start:end])), end
    except (ValueError, RecursionError) as error:
        raise corrupt_state(f"the header is not JSON ({error})") from error


def _encode_strings(array: pa.Array) -> tuple[bytes, bytes]:
    large = array.cast(pa.large_string())
    _, offsets, text = large.buffers()
    places = (
        np.frombuffer(offsets, "<i8", len(large) + 1, large.offset * 8) if offsets else np.zeros(1, "<i8")
    )
    words = b"" if text is None else text[int(places[0]) : int(places[-1])].to_pybytes()
    return (places - places[0]).tobytes(), words


def _decode_strings(entry: Any, data: bytes | memoryview, at: int) -> tuple[pa.Array, int]:
    count, size = _length(entry["strings"]), _length(entry["bytes"])
    middle = at + 8 * (count + 1)
    _check_end(middle + size, data)
    offsets, text = pa.py_buffer(data[at:middle]), pa.py_buffer(data[middle : middle + size])
    large = pa.Array.from_buffers(pa.large_string(), count, [None, offsets, text])
    large.validate(full=True)
    return large.cast(pa.string()), middle + size


def _decode_numbers(entry: Any, data: bytes | memoryview, at: int) -> tuple[np.ndarray, int]:
    dtype = np.dtype(_DTYPES[entry["dtype"]])
    shape = tuple(_length(size) for size in entry["shape"])
    if len(shape) > _MOST_DIMENSIONS:
        raise ValueError(f"{len(shape)} dimensions")
    count = math.prod(shape)
    _check_end(at + count * dtype.itemsize, data)
    array = np.frombuffer(data, dtype, count, at).reshape(shape).astype(entry["dtype"])
    return array, at + array.nbytes


def _length(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 1 << 48:
        raise ValueError(f"invalid length {value!r:.50}")
    return value


def _check_end(end: int, data: bytes | memoryview) -> None:
    if end > len(data):
        raise ValueError(f"expected {end:,} bytes, got {len(data):,}")
