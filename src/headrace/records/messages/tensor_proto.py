"""One array as a `tensorflow.TensorProto`, the message of `tf.io.serialize_tensor` and `tf.io.parse_tensor`.

    TensorFlow type                        NumPy dtype
    float, double, half                    float32, float64, float16
    (u)int8 ... (u)int64, bool             the same
    complex64, complex128                  the same
    bfloat16, float8_*, float4_e2m1fn      the same, of the package `ml_dtypes`
    (u)int4, (u)int2                       the same, of `ml_dtypes`
    qint8, qint16, qint32, quint8, quint16 their integers; only read
    string                                 object: bytes

The message is described in tensorflow/core/framework/tensor.proto.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from headrace import _native
from headrace.errors import RecordError, SchemaError, UsageError

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


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _integer_field(field: int, value: int) -> bytes:
    """Empty for 0, as protocol buffers leave it out."""
    return bytes([field << 3 | _VARINT]) + _varint(value) if value else b""


def _bytes_head(field: int, length: int) -> bytes:
    return bytes([field << 3 | _LENGTH_DELIMITED]) + _varint(length)


def _bytes_field(field: int, data: bytes) -> bytes:
    return _bytes_head(field, len(data)) + data


def _head(number: int, shape: Iterable[int]) -> bytes:
    dims = b"".join(_bytes_field(_DIM_FIELD, _integer_field(_DIM_SIZE_FIELD, size)) for size in shape)
    return _integer_field(_TYPE_FIELD, number) + _bytes_field(_SHAPE_FIELD, dims)


def _as_bytes(value: object) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    what = f"a tensor of strings holds a value of type {type(value).__name__}"
    raise SchemaError(what, hint="give str or bytes only")


def _content(array: NDArray[Any]) -> list[bytes | memoryview]:
    if array.dtype == np.object_:
        return [_bytes_field(_STRINGS_FIELD, _as_bytes(text)) for text in array.reshape(-1).tolist()]
    if not array.size:
        return []
    native = array.astype(array.dtype.newbyteorder("="), order="C", copy=False)
    return [_bytes_head(_CONTENT_FIELD, array.nbytes), native.reshape(-1).view(np.uint8).data]


def _array(value: Any) -> NDArray[Any]:
    try:
        array = np.asarray(value)
    except UnicodeDecodeError:  # str and bytes side by side
        return np.array(value, np.object_)
    except ValueError as error:
        raise SchemaError("the lists of a tensor differ in length", hint="pad them") from error
    if array.dtype.kind in "SU":  # NumPy's own strings lose zero bytes at their ends
        return np.array(value, np.object_)
    return array


def encode_tensor(value: Any) -> bytes:
    """A serialised `TensorProto`, byte for byte that of `tf.io.serialize_tensor`.

    The types that TensorFlow's operation does not take (float8, and what has four bits or less) get the same
    form.

    Args:
        value: An array of a dtype in this module's table, of any shape; or strings: a str or bytes, a
            (nested) list or an array of them. A list of numbers becomes what NumPy makes of it: int64 or
            float64.

    Raises:
        SchemaError: A dtype that TensorFlow has not, lists of different lengths, or more than 2 GiB.

    Example:
        >>> encode_tensor(np.array([[1, 2]], np.uint8)).hex()
        '08041208120208011202080222020102'
    """
    array = _array(value)
    number = _NUMBERS.get(array.dtype.newbyteorder("="))
    if number is None:
        hint = "cast it, or give str or bytes"
        raise SchemaError(f"a tensor cannot have the NumPy dtype {array.dtype}", hint=hint)
    pieces = [_head(number, array.shape), *_content(array)]
    if sum(map(len, pieces)) > _LARGEST_MESSAGE:
        raise SchemaError("a tensor passes 2 GiB, the most a message can hold", hint="split it")
    return b"".join(pieces)


_MALFORMED, _TYPE, _UNKNOWN_RANK, _RANK, _DIMENSION, _SIZE, _CONTENT, _STRINGS, _BOOL, _FILL = range(1, 11)
_FIX = "check the program that wrote it"


def _complaint(fault: int, found: int, expected: int) -> tuple[str, str]:
    """What is wrong, and the way out."""
    if fault == _TYPE:
        return f"the tensor's type is {found} of tensorflow.DataType, which no array has", _FIX
    if fault == _UNKNOWN_RANK:
        return "the tensor's shape is of unknown rank", "write it with its shape"
    if fault == _RANK:
        return f"the tensor has {found:,} dimensions, NumPy arrays {expected} at most", "reshape it"
    if fault == _DIMENSION:
        return f"the tensor has a dimension of {found:,}", _FIX
    if fault == _SIZE:
        return "the tensor's shape passes what 64-bit sizes reach", _FIX
    if fault == _CONTENT:
        return f"the tensor has {found:,} bytes of content, its type and shape say {expected:,}", _FIX
    if fault == _STRINGS:
        return f"the tensor's content is not {expected:,} strings, as its shape says", _FIX
    if fault == _BOOL:
        return f"the tensor's content has a byte {found} where 0 is false and 1 is true", _FIX
    if fault == _FILL:
        what = f"the tensor repeats its last value to {found:,} bytes, the limit is {expected:,}"
        return what, "pass a larger fill_limit if you trust the file"
    return "the bytes are no tensorflow.TensorProto", _FIX


def _string_array(strings: list[bytes], shape: tuple[int, ...]) -> NDArray[np.object_]:
    array = np.empty(shape, np.object_)
    flat = array.reshape(-1)
    flat[: len(strings)] = strings
    flat[len(strings) :] = strings[-1] if strings else b""
    return array


def decode_tensor(data: bytes, *, fill_limit: int = FILL_LIMIT) -> NDArray[Any]:
    """The array in a serialised `TensorProto`, as `tf.io.parse_tensor` reads it.

    All forms are read: `tensor_content` and the typed fields, packed or not; where a typed field has fewer
    values than the shape, its last one repeats. No memory is taken for what the message does not account for.

    Args:
        data: The message.
        fill_limit: The most bytes of an array whose message leaves values out; 256 MiB if not given.

    Returns:
        An array of its own memory; strings as an object array of bytes.

    Raises:
        RecordError: No TensorProto; a type that is not in this module's table; an unknown rank (which
            TensorFlow takes for a scalar); content that does not fill the shape; or more than `fill_limit`.

    Example:
        >>> decode_tensor(encode_tensor([["a", "bc"]]))
        array([[b'a', b'bc']], dtype=object)
    """
    if fill_limit < 0:
        raise UsageError("fill_limit cannot be below 0", hint="give a number of bytes")
    fault, found, expected, number, shape, values = _native.read_tensor(data, fill_limit)
    if fault:
        what, hint = _complaint(fault, found, expected)
        raise RecordError(what, hint=hint)
    if isinstance(values, list):
        return _string_array(values, shape)
    assert values is not None
    return values.view(_DTYPES[number]).reshape(shape)
