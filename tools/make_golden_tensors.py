"""Write tests/golden/tensors.json: TensorProto messages, and their values in TensorFlow.

    python tools/make_golden_tensors.py      # with an interpreter that has TensorFlow; made with 2.21.0

`serialized` are messages written by `tf.io.serialize_tensor`; `parsed` are messages in other forms: written
by `tf.make_tensor_proto` for types that `serialize_tensor` does not support, and by hand. The expected
values are those of `tf.io.parse_tensor`: dtype, shape and the array's bytes or strings, or a failure. Bytes
are in hexadecimal.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError

GOLDEN = Path(__file__).parent.parent / "tests" / "golden"

FLOAT, INT32, UINT8, INT8, STRING, COMPLEX64, BOOL, QINT8 = 1, 3, 4, 6, 7, 8, 10, 11
BFLOAT16, COMPLEX128, HALF, RESOURCE, UINT32, UINT64, FLOAT8, INT4 = 14, 18, 19, 20, 22, 23, 24, 29
INT2, FLOAT4, REFERENCE = 31, 33, 101

NUMBERS = [
    *(np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64),
    *(np.float16, np.float32, np.float64, np.complex64, np.complex128, np.bool_, ml_dtypes.bfloat16),
]
UNSERIALISED = [
    *(
        ml_dtypes.float8_e5m2,
        ml_dtypes.float8_e4m3fn,
        ml_dtypes.float8_e4m3fnuz,
        ml_dtypes.float8_e4m3b11fnuz,
    ),
    *(ml_dtypes.float8_e5m2fnuz, ml_dtypes.int4, ml_dtypes.uint4, ml_dtypes.int2, ml_dtypes.uint2),
    ml_dtypes.float4_e2m1fn,
]


def varint(value: int) -> bytes:
    """Encode a protocol buffer varint; negative numbers take ten bytes."""
    value %= 2**64
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def integer(number: int, value: int) -> bytes:
    """Encode a varint field."""
    return varint(number << 3) + varint(value)


def field(number: int, data: bytes) -> bytes:
    """Encode a length-delimited field."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def integers(number: int, *values: int) -> bytes:
    """Encode a packed varint field."""
    return field(number, b"".join(map(varint, values)))


def floats(number: int, *values: float) -> bytes:
    """Encode a packed field of 4-byte floats."""
    return field(number, np.array(values, np.float32).tobytes())


def tensor(type_: int, shape: list[int], *fields: bytes) -> bytes:
    """Encode a message of type, shape and further fields."""
    dims = b"".join(field(2, integer(1, size)) for size in shape)
    return integer(1, type_) + field(2, dims) + b"".join(fields)


def odd_tensors() -> dict[str, bytes]:
    """Return unusual messages, by their special feature."""
    group = varint(99 << 3 | 3) + integer(1, 7) + varint(99 << 3 | 4)
    one = np.float32(1.5).tobytes()
    values = floats(5, 2.5)
    return {
        "the last value repeats": tensor(INT32, [2, 2], integers(7, 300, -1)),
        "one value for all": tensor(FLOAT, [5], values),
        "no value: zeros": tensor(FLOAT, [2]),
        "halves": tensor(HALF, [3], integers(13, 0x3C00, 0x14000)),
        "no halves": tensor(HALF, [2]),
        "bfloat16 by halves": tensor(BFLOAT16, [2], integers(13, 0x3F80)),
        "integers that do not fit are cut": tensor(UINT8, [3], integers(7, 300, -1)),
        "an int32 of more than 32 bits": tensor(INT32, [1], integers(7, 2**35 + 7)),
        "a negative int8": tensor(INT8, [1], integers(7, -128)),
        "uint32": tensor(UINT32, [2], integers(16, 2**32 - 1, 2**40 + 1)),
        "uint64": tensor(UINT64, [2], integers(17, 2**64 - 1)),
        "more values than the shape": tensor(INT32, [1], integers(7, 300, -1)),
        "doubles": tensor(2, [3], field(6, np.array([0.1, -0.0]).tobytes())),
        "complexes": tensor(COMPLEX64, [2], floats(9, 1, 2)),
        "half a complex after a whole": tensor(COMPLEX64, [2], floats(9, 1, 2, 3)),
        "half a complex": tensor(COMPLEX64, [2], floats(9, 1)),
        "double complexes": tensor(COMPLEX128, [2], field(12, np.array([1.0, 2, 3, 4]).tobytes())),
        "booleans other than 0 and 1": tensor(BOOL, [4], integers(11, 1, 0, 2, 2**40)),
        "a content byte neither 0 nor 1": tensor(BOOL, [3], field(4, b"\x01\x00\x02")),
        "quantised": tensor(QINT8, [2], field(4, b"\xff\x01")),
        "quantised by integers": tensor(QINT8, [2], integers(7, -1)),
        "float8 by bytes": tensor(FLOAT8, [4], field(18, b"\x01\x02\x3c")),
        "float8 by bytes, twice": tensor(FLOAT8, [4], field(18, b"\x01\x02\x3c"), field(18, b"\x3d")),
        "float4 by bytes": tensor(FLOAT4, [3], field(18, b"\x01\x02")),
        "four bits beyond four": tensor(INT4, [4], field(4, b"\x00\x01\x0f\x7f")),
        "four bits by integers": tensor(INT4, [4], integers(7, -1, 7, 8, 200)),
        "two bits by integers": tensor(INT2, [4], integers(7, -1, 7, 8, 200)),
        "the last string repeats": tensor(STRING, [3], field(8, b"ab"), field(8, b"\xff\x00")),
        "no strings: empty ones": tensor(STRING, [2]),
        "strings as content": tensor(STRING, [3], field(4, b"\x01\x00\x02abc")),
        "strings as content, bytes left": tensor(STRING, [3], field(4, b"\x01\x00\x02abcd")),
        "strings as content, bytes missing": tensor(STRING, [3], field(4, b"\x01\x00\x02ab")),
        "strings as content, a length cut off": tensor(STRING, [3], field(4, b"\x00\x00\x80")),
        "content too short": tensor(FLOAT, [2], field(4, bytes(7))),
        "content too long": tensor(FLOAT, [2], field(4, bytes(12))),
        "content before values": tensor(FLOAT, [1], field(4, one), values),
        "empty content and values": tensor(FLOAT, [1], field(4, b""), values),
        "content twice": tensor(FLOAT, [1], field(4, bytes(4)), field(4, one)),
        "content of no elements": tensor(FLOAT, [0], field(4, bytes(8))),
        "values of another type": tensor(FLOAT, [1], field(6, bytes(8))),
        "malformed values of another type": tensor(FLOAT, [1], values, field(6, bytes(7))),
        "malformed integers of another type": tensor(FLOAT, [1], values, field(7, b"\x80")),
        "values alone and in packs": tensor(FLOAT, [3], b"\x2d" + one, values, b"\x2d" + one),
        "integers alone and in packs": tensor(INT32, [3], integer(7, 5), integers(7, 6), integer(7, 7)),
        "a field of another wire type": tensor(FLOAT, [1], integer(5, 3), values, integer(4, 1)),
        "unknown fields": group + tensor(FLOAT, [1], integer(3, 9), values, field(50, b"z")) + group,
        "a group that does not end": tensor(FLOAT, [1], values, varint(99 << 3 | 3)),
        "a named dimension": integer(1, FLOAT) + field(2, field(2, integer(1, 1) + field(2, b"x"))) + values,
        "a name that is not UTF-8": integer(1, FLOAT) + field(2, field(2, integer(1, 1) + field(2, b"\xff"))),
        "a dimension's size twice": integer(1, FLOAT) + field(2, field(2, integer(1, 1) + integer(1, 2))),
        "a shape in two pieces": tensor(FLOAT, [2], field(2, field(2, integer(1, 3)))),
        "no shape": integer(1, FLOAT) + values,
        "no type": field(2, b"") + values,
        "two types": integer(1, INT32) + tensor(FLOAT, [1], values),
        "a type of more than 32 bits": tensor(2**32 + FLOAT, [1], values),
        "values before type and shape": values + tensor(FLOAT, [2]),
        "a dimension below 0": tensor(FLOAT, [-1], values),
        "a product beyond 64 bits": tensor(FLOAT, [2**40, 2**40], values),
        "no elements, huge": tensor(FLOAT, [0, 2**60]),
        "no elements, beyond 64 bits": tensor(FLOAT, [2**40, 2**40, 0]),
        "64 dimensions": tensor(FLOAT, [1] * 64, values),
        "65 dimensions": tensor(FLOAT, [1] * 65, values),
        "a reference": tensor(REFERENCE, [1], values),
        "a resource": tensor(RESOURCE, [1]),
        "a type nobody knows": tensor(99, [1], values),
        "nothing": b"",
        "no message": b"\xff\xff",
    }  # fmt: skip


def parse(message: bytes, type_: int) -> dict[str, Any]:
    """Parse a message with tf.io.parse_tensor."""
    try:
        array = tf.io.parse_tensor(message, tf.as_dtype(type_)).numpy()
    except (tf.errors.InvalidArgumentError, TypeError):
        return {"error": True}
    if isinstance(array, bytes):
        array = np.array(array, object)
    if array.dtype == object:
        return {
            "dtype": "object",
            "shape": array.shape,
            "strings": [text.hex() for text in array.reshape(-1)],
        }
    return {"dtype": array.dtype.name, "shape": array.shape, "bytes": array.tobytes().hex()}


def type_of(message: bytes) -> int:
    """Return the type in the message, which parse_tensor requires as an argument."""
    try:
        return tf.make_tensor_proto(0).FromString(message).dtype
    except DecodeError:
        return FLOAT


def serialized_tensors() -> dict[str, bytes]:
    """Serialise tensors with tf.io.serialize_tensor."""
    cases = {np.dtype(kind).name: np.array([[0, 1, 1], [1, 0, 1]], kind) for kind in NUMBERS}
    cases |= {"scalar": np.float32(np.nan), "no elements": np.zeros((0, 3), np.int64), "no rank": np.int8(-3)}
    cases |= {"strings": np.array([["Straße", "😀"], ["", "a"]]), "string": np.array(b"a\xff\x00z", object)}
    cases |= {"long strings": np.array(["x" * 127, "y" * 128, "z" * 300]), "no strings": np.zeros(0, object)}
    cases |= {"long": np.arange(200, dtype=np.uint8), "extremes": np.array([2**63 - 1, -(2**63)])}
    return {name: tf.io.serialize_tensor(tf.constant(array)).numpy() for name, array in cases.items()}


def unserialised_tensors() -> dict[str, bytes]:
    """Serialise tensors with tf.make_tensor_proto, of types that tf.io.serialize_tensor does not support."""
    arrays = [np.array([[0, 1], [1, 0]], kind) for kind in UNSERIALISED]
    return {array.dtype.name: tf.make_tensor_proto(array).SerializeToString() for array in arrays}


def main() -> None:
    """Write the file, one case per line."""
    groups = {"serialized": serialized_tensors(), "parsed": {**unserialised_tensors(), **odd_tensors()}}
    lines = [f'"tensorflow": "{tf.__version__}"']
    for group, messages in groups.items():
        cases = [
            json.dumps({"name": name, "message": message.hex(), **parse(message, type_of(message))})
            for name, message in messages.items()
        ]
        lines.append(f'"{group}": [\n' + ",\n".join(cases) + "\n]")
    (GOLDEN / "tensors.json").write_text("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()
