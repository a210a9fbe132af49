"""Arrays as bytes, for states that travel between processes and wait in caches.

    b"HRST" | format, 1 byte | header length, 4 bytes | header, JSON | the arrays' bytes end to end

The header says whose state it is and each array's dtype and shape, so the bytes are read without trust: every
length is checked against what is there, and nothing in them is executed. Integers are little-endian.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.errors import ModelError

__all__ = ["Packed", "broken", "pack", "unpack"]

Packed = np.ndarray | pa.Array

_START = b"HRST\x01"
_DTYPES = {"bool": "|b1", "uint8": "|u1", "int32": "<i4", "int64": "<i8", "float64": "<f8"}
_MOST_DIMENSIONS = 8


def pack(owner: str, arrays: Sequence[Packed]) -> bytes:
    """The bytes of `arrays` (numbers of the types above, or Arrow strings), which `owner` can take back."""
    described: list[Any] = []
    parts: list[bytes] = []
    for array in arrays:
        if isinstance(array, pa.Array):
            offsets, text = _strings_out(array)
            described.append({"strings": len(array), "bytes": len(text)})
            parts += [offsets, text]
        else:
            dtype = _DTYPES[str(array.dtype)]
            described.append({"dtype": str(array.dtype), "shape": list(array.shape)})
            parts.append(np.ascontiguousarray(array, dtype).tobytes())
    header = json.dumps({"owner": owner, "arrays": described}).encode()
    return b"".join([_START, len(header).to_bytes(4, "little"), header, *parts])


def unpack(owner: str, data: bytes | memoryview) -> list[Packed]:
    """The arrays that `pack` was given.

    Raises:
        ModelError: The bytes are damaged, of another format, or another owner's.
    """
    header, at = _header(data)
    if not isinstance(header, dict) or header.get("owner") != owner:
        found = header.get("owner") if isinstance(header, dict) else None
        raise broken(f"of {found!r:.200}, not of {owner!r:.200}")
    arrays: list[Packed] = []
    try:
        for each in header["arrays"]:
            array, at = _strings_in(each, data, at) if "strings" in each else _numbers_in(each, data, at)
            arrays.append(array)
    except (LookupError, TypeError, ValueError, pa.ArrowException) as error:
        raise broken(f"broken at byte {at:,} ({type(error).__name__}: {error})") from error
    if at != len(data):
        raise broken(f"{len(data):,} bytes long, not {at:,}")
    return arrays


def broken(what: str) -> ModelError:
    """The error for a state that cannot be read."""
    return ModelError(f"the state of an analyzer is {what}", hint="compute it again")


def _header(data: bytes | memoryview) -> tuple[Any, int]:
    if data[: len(_START)] != _START:
        raise broken("of another format")
    start = len(_START) + 4
    end = start + int.from_bytes(data[start - 4 : start], "little")
    if end > len(data):
        raise broken("cut off in its header")
    try:
        return json.loads(bytes(data[start:end])), end
    except (ValueError, RecursionError) as error:
        raise broken(f"broken in its header ({error})") from error


def _strings_out(array: pa.Array) -> tuple[bytes, bytes]:
    large = array.cast(pa.large_string())
    _, offsets, text = large.buffers()
    places = (
        np.frombuffer(offsets, "<i8", len(large) + 1, large.offset * 8) if offsets else np.zeros(1, "<i8")
    )
    words = b"" if text is None else text[int(places[0]) : int(places[-1])].to_pybytes()
    return (places - places[0]).tobytes(), words


def _strings_in(described: Any, data: bytes | memoryview, at: int) -> tuple[pa.Array, int]:
    count, size = _length(described["strings"]), _length(described["bytes"])
    middle = at + 8 * (count + 1)
    _check_end(middle + size, data)
    offsets, text = pa.py_buffer(data[at:middle]), pa.py_buffer(data[middle : middle + size])
    large = pa.Array.from_buffers(pa.large_string(), count, [None, offsets, text])
    large.validate(full=True)
    return large.cast(pa.string()), middle + size


def _numbers_in(described: Any, data: bytes | memoryview, at: int) -> tuple[np.ndarray, int]:
    dtype = np.dtype(_DTYPES[described["dtype"]])
    shape = tuple(_length(size) for size in described["shape"])
    if len(shape) > _MOST_DIMENSIONS:
        raise ValueError(f"{len(shape)} dimensions")
    count = math.prod(shape)
    _check_end(at + count * dtype.itemsize, data)
    array = np.frombuffer(data, dtype, count, at).reshape(shape).astype(described["dtype"])
    return array, at + array.nbytes


def _length(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 1 << 48:
        raise ValueError(f"{value!r:.50} is no length")
    return value


def _check_end(end: int, data: bytes | memoryview) -> None:
    if end > len(data):
        raise ValueError(f"{end:,} bytes announced, {len(data):,} there")
