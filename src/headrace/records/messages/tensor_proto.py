"""Encode and decode `tensorflow.TensorProto`, as `tf.io.serialize_tensor` and `tf.io.parse_tensor` do.

    TensorFlow type                        NumPy dtype
    float, double, half                    float32, float64, float16
    (u)int8 ... (u)int64, bool             the same
    complex64, complex128                  the same
    bfloat16, float8_*, float4_e2m1fn      the same, from the package `ml_dtypes`
    (u)int4, (u)int2                       the same, from `ml_dtypes`
    qint8, qint16, qint32, quint8, quint16 integers of the same width; decoding only
    string                                 object: bytes

The message is defined in tensorflow/core/framework/tensor.proto.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from headrace import _native
from headrace._native import TensorFault
from headrace.arguments import check_integer
from headrace.errors import RecordError, SchemaError
from headrace.records.messages.mismatch import FIX_WRITER
from headrace.records.messages.values import to_array
from headrace.records.tfrecord.payload import as_bytes

__all__ = ["FILL_LIMIT", "decode_tensor", "encode_tensor"]

FILL_LIMIT = 1 << 28  # bytes
_LARGEST_MESSAGE = 2**31 - 1

_STRING = 7
_WRITTEN: dict[int, np.dtype[Any]] = {
    number: np.dtype(type_)
    for number, type_ in {
        1: np.float32, 2: np.float64, 3: np.int32, 4: np.uint8, 5: np.int16, 6: np.int8, _STRING: np.object_,
        8: np.complex64, 9: np.int64, 10: np.bool_, 14: ml_dtypes.bfloat16, 17: np.uint16, 18: np.complex128,
        19: np.float16, 22: np.uint32, 23: np.uint64, 24: ml_dtypes.float8_e5m2, 25: ml_dtypes.float8_e4m3fn,
        26: ml_dtypes.float8_e4m3fnuz, 27: ml_dtypes.float8_e4m3b11fnuz, 28: ml_dtypes.float8_e5m2fnuz,
        29: ml_dtypes.int4, 30: ml_dtypes.uint4, 31: ml_dtypes.int2, 32: ml_dtypes.uint2,
        33: ml_dtypes.float4_e2m1fn,
    }.items()
}  # fmt: skip
_NUMBERS = {dtype: number for number, dtype in _WRITTEN.items()}
_QUANTISED = {11: np.int8, 12: np.uint8, 13: np.int32, 15: np.int16, 16: np.uint16}
_DTYPES = _WRITTEN | {number: np.dtype(type_) for number, type_ in _QUANTISED.items()}

_TYPE_FIELD, _SHAPE_FIELD, _CONTENT_FIELD, _STRINGS_FIELD = 1, 2, 4, 8
_DIM_FIELD, _DIM_SIZE_FIELD = 2, 1
_VARINT, _LENGTH_DELIMITED = 0, 2


def _encode_varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _encode_integer_field(field: int, value: int) -> bytes:
    """Encode an integer field; empty for 0, which protocol buffers omit."""
    return bytes([field << 3 | _VARINT]) + _encode_varint(value) if value else b""


def _encode_bytes_head(field: int, length: int) -> bytes:
    return bytes([field << 3 | _LENGTH_DELIMITED]) + _encode_varint(length)


def _encode_bytes_field(field: int, data: bytes) -> bytes:
    return _encode_bytes_head(field, len(data)) + data


def _encode_head(number: int, shape: Iterable[int]) -> bytes:
    dims = b"".join(
        _encode_bytes_field(_DIM_FIELD, _encode_integer_field(_DIM_SIZE_FIELD, size)) for size in shape
    )
    return _encode_integer_field(_TYPE_FIELD, number) + _encode_bytes_field(_SHAPE_FIELD, dims)


def _to_bytes(value: object) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    what = f"expected only str or bytes in a tensor of strings, got {type(value).__name__}"
    raise SchemaError(what, hint="convert it to str or bytes")


def _encode_content(array: NDArray[Any]) -> list[bytes | memoryview]:
    if array.dtype == np.object_:
        return [_encode_bytes_field(_STRINGS_FIELD, _to_bytes(text)) for text in array.reshape(-1).tolist()]
    if not array.size:
        return []
    native = array.astype(array.dtype.newbyteorder("="), order="C", copy=False)
    return [_encode_bytes_head(_CONTENT_FIELD, array.nbytes), native.reshape(-1).view(np.uint8).data]


def encode_tensor(value: Any) -> bytes:
    """Serialise an array as a `TensorProto`, byte for byte as `tf.io.serialize_tensor` does.

    Types that TensorFlow's operation rejects (float8, types of at most four bits) are written the same way.

    Args:
        value: An array of a dtype in this module's table, of any shape; or strings: a str or bytes, a
            (nested) list or an array of them. A list of numbers becomes int64 or float64, as NumPy
            converts it.

    Raises:
        SchemaError: A dtype that TensorFlow does not have, lists of different lengths or mixed types, missing
            or masked values, integers that the array cannot hold, or more than 2 GiB.

    Example:
        >>> encode_tensor(np.array([[1, 2]], np.uint8)).hex()
        '08041208120208011202080222020102'
    """
    array = to_array(value)
    number = _NUMBERS.get(array.dtype.newbyteorder("="))
    if number is None:
        hint = "cast it, or pass str or bytes"
        raise SchemaError(f"TensorFlow does not have the NumPy dtype {array.dtype}", hint=hint)
    pieces = [_encode_head(number, array.shape), *_encode_content(array)]
    if sum(map(len, pieces)) > _LARGEST_MESSAGE:
        raise SchemaError("the tensor exceeds 2 GiB, the limit of a message", hint="split it")
    return b"".join(pieces)


def _explain(fault: TensorFault, found: int, expected: int) -> tuple[str, str]:
    """What is wrong, and the hint."""
    if fault == TensorFault.TYPE:
        return f"expected a type that arrays can have, got {found} of tensorflow.DataType", FIX_WRITER
    if fault == TensorFault.UNKNOWN_RANK:
        return "expected a shape, got one of unknown rank", "write the tensor with its shape"
    if fault == TensorFault.RANK:
        return (
            f"expected at most {expected} dimensions, as NumPy supports, got {found:,}",
            "reshape the tensor",
        )
    if fault == TensorFault.DIMENSION:
        return f"expected dimensions from 0, got {found:,}", FIX_WRITER
    if fault == TensorFault.SIZE:
        return "the shape exceeds 64-bit sizes", FIX_WRITER
    if fault == TensorFault.CONTENT:
        return f"expected {expected:,} bytes of content by type and shape, got {found:,}", FIX_WRITER
    if fault == TensorFault.STRINGS:
        return f"expected {expected:,} strings of content by its shape, got other bytes", FIX_WRITER
    if fault == TensorFault.BOOL:
        return f"expected bytes 0 and 1 for booleans, got {found}", FIX_WRITER
    if fault == TensorFault.FILL:
        what = f"the tensor repeats its last value to {found:,} bytes, the limit is {expected:,}"
        return what, "pass a larger fill_limit if you trust the file"
    return "not a valid tensorflow.TensorProto", FIX_WRITER


def _make_string_array(strings: list[bytes], shape: tuple[int, ...]) -> NDArray[np.object_]:
    array = np.empty(shape, np.object_)
    flat = array.reshape(-1)
    flat[: len(strings)] = strings
    flat[len(strings) :] = strings[-1] if strings else b""
    return array


def decode_tensor(data: Any, *, fill_limit: int = FILL_LIMIT) -> NDArray[Any]:
    """Parse the array in a serialised `TensorProto`, as `tf.io.parse_tensor` does.

    All forms are supported: `tensor_content` and the typed fields, packed or not. If a typed field has fewer
    values than the shape, its last value repeats, up to `fill_limit`. Apart from that, no more memory is
    allocated than the message accounts for.

    Args:
        data: The message: bytes, a buffer, or a scalar of a binary Arrow column.
        fill_limit: The largest array, in bytes, for a message that omits repeated values; 256 MiB by default.

    Returns:
        An array with its own memory; strings are an object array of bytes.

    Raises:
        RecordError: Not a TensorProto; a type that is not in this module's table; an unknown rank (which
            TensorFlow reads as a scalar); content that does not fill the shape; or more than `fill_limit`.

    Example:
        >>> decode_tensor(encode_tensor([["a", "bc"]]))
        array([[b'a', b'bc']], dtype=object)
    """
    fill_limit = check_integer(fill_limit, "fill_limit")
    fault, found, expected, number, shape, values = _native.read_tensor(as_bytes(data), fill_limit)
    if fault:
        what, hint = _explain(fault, found, expected)
        raise RecordError(what, hint=hint)
    if isinstance(values, list):
        return _make_string_array(values, shape)
    assert values is not None
    return values.view(_DTYPES[number]).reshape(shape)
