"""Seed inputs of each fuzz target, from files that TensorFlow wrote (tests/golden)."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from inputs import records, schema

from headrace._native import Layout, ValueKind
from headrace.images import encode_png
from headrace.records import RecordReader

__all__ = ["seeds"]

GOLDEN = Path(__file__).parent.parent / "tests" / "golden"
BYTES, FLOAT, INT64 = ValueKind.BYTES, ValueKind.FLOAT, ValueKind.INT64
SCALAR, LIST, FIXED, RAW = Layout.SCALAR, Layout.LIST, Layout.FIXED, Layout.RAW

PLAIN = [
    *(("float", FLOAT, SCALAR, 0), ("int", INT64, SCALAR, 0), ("text", BYTES, SCALAR, 0)),
    *(("floats", FLOAT, LIST, 0), ("ints", INT64, LIST, 0), ("texts", BYTES, LIST, 0)),
    *(("pair", FLOAT, FIXED, 2), ("sometimes", INT64, SCALAR, 0)),
]  # fmt: skip
SCHEMAS = [
    PLAIN,
    [("image", BYTES, RAW, 12), ("label", INT64, SCALAR, 0)],
    [("i", INT64, LIST, 0), ("f", FLOAT, LIST, 0), ("b", BYTES, LIST, 0)],
    [("i", BYTES, LIST, 0), ("f", FLOAT, FIXED, 2), ("b", BYTES, FIXED, 2), ("", INT64, SCALAR, 0)],
]


def _record_files() -> list[Path]:
    return sorted(GOLDEN.glob("*.tfrecord"))


def _groups() -> Iterator[list[bytes]]:
    """Each record of the golden files alone, and all records of each file together."""
    for path in _record_files():
        messages = list(RecordReader(path))
        yield from ([message] for message in messages)
        yield messages


def _frames() -> Iterator[bytes]:
    for path in _record_files():
        yield b"\0\0" + path.read_bytes()
    for group in _groups():
        yield b"\1" + bytes(4) + records(group)


def _local_records() -> Iterator[bytes]:
    for path in _record_files():
        yield b"\xf0\x0f\0" + path.read_bytes()
    for group in _groups():
        yield b"\xf0\x0f\1" + bytes(4) + records(group)


def _example_parser() -> Iterator[bytes]:
    for group in _groups():
        yield from (schema(features) + records(group) for features in SCHEMAS)


def _sequence_parser() -> Iterator[bytes]:
    context = schema([("c", INT64, SCALAR, 0)])
    for group in _groups():
        yield from (context + schema(features) + records(group) for features in SCHEMAS)


def _surveys() -> Iterator[bytes]:
    yield from map(records, _groups())


def _tensor_proto() -> Iterator[bytes]:
    golden = json.loads((GOLDEN / "tensors.json").read_text())
    yield from (bytes.fromhex(case["message"]) for case in golden["serialized"] + golden["parsed"])


def _utf8() -> Iterator[bytes]:
    for before in (b"\0", b"\x3e", b"\x7f"):
        yield before + "é€\ud7ff\ue000\U00010000\U0010ffff".encode()


def _lists() -> Iterator[bytes]:
    for width in range(6):
        yield bytes([1, width, 5, 0, 4, 0, 2, 9, 4]) + bytes(range(250))
    for capacity in (b"\x40\0", b"\xff\x03"):
        yield b"\0" + capacity + records([bytes(length) for length in (1, 60, 64, 3, 500, 20, 44)])


def _augment() -> Iterator[bytes]:
    for dtype in range(2):
        for op in range(13):
            yield (
                bytes(
                    [
                        dtype,
                        2,
                        2,
                        9,
                        11,
                        op % 3,
                        7,
                        12,
                        *([0, 1, 0, 130, 140] * 3),
                        2,
                        1,
                        *([op, 140, 150, 160] * 6),
                    ]
                )
                * 4
            )


def _rows() -> Iterator[bytes]:
    for format_ in range(20):
        yield bytes([2, format_, 1, 5, format_, 2, 3]) + bytes(range(200))


def _text() -> Iterator[bytes]:
    for head in (b"\1\x30\0", b"\0\0\7", b"\1\xff\1"):
        yield head + records(["Straße 😀 €".encode(), b"", b"It's a TEST, isn't it?", bytes(range(256))])


def _csv_records() -> Iterator[bytes]:
    text = 'a,b;c\td\r\n1,"x ""y""\nz",-5,9223372036854775808\n\n01,1e400,NA,true\r"é",,+4, 1.5 '.encode()
    for form in (0x08, 0x10, 0x11, 0x6C, 0x04):
        yield bytes([form, 20, 0]) + text


def _json_lines() -> Iterator[bytes]:
    lines = [
        '{"a": 1, "b": [1.5, -2e3, null], "": {"base64": "aGk="}, "é": "\\u00e9\\ud83d\\ude00"}',
        '{"b": [], "a": -128, "c\\"\\n": {"a": true, "b": [[1], [2, 3]]}, "x": {"y": [false]}}',
        '{"a": 9223372036854775808, "b": "text", "é": NaN} \r',
        "",
        '{"a": 18446744073709551616, "a": Infinity}',
        '{"a": 01}',
    ]
    text = "\n".join(lines).encode()
    for form in (b"\0\1", b"\xf6\x01\x17\x06\x55", b"\x4f\x08\2\x11\3\x39\2\x17\4", b"\x26\7\x14\x15"):
        yield form + bytes([len(lines[0])]) + text
        yield from (form + b"\0" + line.encode() for line in lines)


def _dates() -> Iterator[bytes]:
    texts = [
        "2024-02-29T23:59:60.123456789+05:30",
        "20240229",
        "0001-01-01",
        "9999-12-31 24:00",
        "1/Feb/99 12:30 pm",
    ]
    texts += ["31.12.1999", "1999-366", "Monday, March 1 2021 Z"]
    for formed in ("", "Ymd", "d/b/y I:M p", "Y-j", "a, b d Y z", "H:M:S.f"):
        kinds = ["YymdHIMSfjbapz ".find(each) for each in formed]
        steps = [
            bytes([15, ord(each), 0]) if kind < 0 else bytes([kind, 1, 4])
            for kind, each in zip(kinds, formed, strict=True)
        ]
        yield bytes([len(steps)]) + b"".join(steps) + records([each.encode() for each in texts])


def _images() -> Iterator[bytes]:
    lines = bytes(filter_ for filter_ in range(5) for _ in range(25))
    yield from (bytes([0, pixel_bytes, 24 // (pixel_bytes + 1) - 1]) + lines for pixel_bytes in range(4))
    pixels = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3) * 3
    yield from (b"\1\1" + encode_png(each) for each in (pixels, pixels[..., 0]))
    stream = zlib.compress(bytes(each % 5 for each in range(4 * 16)))
    yield b"\1\0\4\3\2\0" + records([stream[:9], stream[9:]])
    yield b"\2\3\4\6\2\2\0" + pixels.tobytes()
    exif = b"Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0"
    yield b"\3\3\2\2\xff\xd8\xff\xe1" + (len(exif) + 2).to_bytes(2) + exif


_SEEDS = {
    "augment": _augment,
    "csv_records": _csv_records,
    "dates": _dates,
    "frames": _frames,
    "local_records": _local_records,
    "example_parser": _example_parser,
    "example_survey": _surveys,
    "images": _images,
    "json_lines": _json_lines,
    "lists": _lists,
    "rows": _rows,
    "sequence_parser": _sequence_parser,
    "sequence_survey": _surveys,
    "tensor_proto": _tensor_proto,
    "text": _text,
    "utf8": _utf8,
}


def seeds(target: str) -> list[bytes]:
    """Return the seed inputs of a target; raises KeyError for a target without seeds."""
    return list(_SEEDS[target]())
