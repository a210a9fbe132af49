"""Seed inputs of each fuzz target, from files that TensorFlow wrote (tests/golden)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from inputs import records, schema

from headrace._native import Layout, ValueKind
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


_SEEDS = {
    "csv_records": _csv_records,
    "frames": _frames,
    "local_records": _local_records,
    "example_parser": _example_parser,
    "example_survey": _surveys,
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
