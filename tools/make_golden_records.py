"""Write tests/golden/: record files by TensorFlow, and their values in TensorFlow.

    python tools/make_golden_records.py      # with an interpreter that has TensorFlow; made with 2.21.0

`plain`, `gzip` and `zlib` contain Examples serialised by tf.train.Example, `images` raw pixels; the
expected values are those of `tf.io.parse_example`. `members` contains the Examples of `gzip` in two gzip
members. `odd` contains valid messages that writers do not produce; the expected values are those of
protocol buffers. Expected values are JSON, with bytes in hexadecimal.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import tensorflow as tf

GOLDEN = Path(__file__).parent.parent / "tests" / "golden"
ROWS = 7

Feature, Example = tf.train.Feature, tf.train.Example


def floats(*values: float) -> Feature:
    """Create a float feature."""
    return Feature(float_list=tf.train.FloatList(value=values))


def ints(*values: int) -> Feature:
    """Create an int64 feature."""
    return Feature(int64_list=tf.train.Int64List(value=values))


def texts(*values: bytes) -> Feature:
    """Create a bytes feature."""
    return Feature(bytes_list=tf.train.BytesList(value=values))


def plain_example(row: int) -> bytes:
    """Serialise features of all three kinds: scalars, lists, fixed length, and missing in odd rows."""
    extremes = [0, -1, 2**63 - 1, -(2**63), 127, 128, 300]
    features = {
        "float": floats(row / 8 - 0.1),
        "int": ints(extremes[row]),
        "text": texts("Straße 😀 €".encode()[: 4 * row].decode(errors="ignore").encode()),
        "floats": floats(*[i / 3 for i in range(row)]),
        "ints": ints(*[(-7) ** i for i in range(row)]),
        "texts": texts(*[bytes([i, 255, 0]) for i in range(row % 3)]),
        "pair": floats(float("inf"), -0.0) if row else floats(float("nan"), 1e-45),
    }
    if row % 2 == 0:
        features["sometimes"] = ints(row)
    return Example(features=tf.train.Features(feature=features)).SerializeToString(deterministic=True)


def parse_plain(path: str, compression: str) -> dict[str, object]:
    """Parse a file with tf.io.parse_example."""
    fixed, ragged = tf.io.FixedLenFeature, tf.io.RaggedFeature
    spec = {
        "float": fixed([], tf.float32),
        "int": fixed([], tf.int64),
        "text": fixed([], tf.string),
        "floats": ragged(tf.float32),
        "ints": ragged(tf.int64),
        "texts": ragged(tf.string),
        "pair": fixed([2], tf.float32),
        "sometimes": ragged(tf.int64),
    }
    serialized = list(tf.data.TFRecordDataset(path, compression_type=compression).as_numpy_iterator())
    parsed = tf.io.parse_example(serialized, spec)
    return {
        name: value.to_list() if isinstance(value, tf.RaggedTensor) else value.numpy().tolist()
        for name, value in sorted(parsed.items())
    }


def varint(value: int) -> bytes:
    """Encode a protocol buffer varint."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def field(number: int, data: bytes) -> bytes:
    """Encode a length-delimited field."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def entry(key: bytes, *values: bytes) -> bytes:
    """Encode an entry of the feature map; several values merge."""
    return field(1, field(1, key) + b"".join(field(2, value) for value in values))


def example(*entries: bytes) -> bytes:
    """Encode an Example of serialised entries."""
    return field(1, b"".join(entries))


def odd_examples() -> dict[str, bytes]:
    """Return valid but unusual messages, by their special feature."""
    one, two = np.float32(1.5).tobytes(), np.float32(-2.5).tobytes()
    packed_ints = field(3, field(1, varint(5) + varint(2**64 - 3)))
    group = varint(9 << 3 | 3) + varint(1 << 3) + varint(7) + varint(9 << 3 | 4)
    return {
        "floats one by one": example(entry(b"f", field(2, b"\x0d" + one + b"\x0d" + two))),
        "floats in two packs and one alone": example(
            entry(b"f", field(2, field(1, one) + b"\x0d" + two + field(1, one + two)))
        ),
        "ints one by one": example(
            entry(b"i", field(3, b"\x08" + varint(300) + b"\x08" + varint(2**64 - 1)))
        ),
        "ints in packs": example(
            entry(b"i", field(3, field(1, varint(1) + varint(2)) + b"\x08\x03" + field(1, b"")))
        ),
        "a varint longer than it need be": example(entry(b"i", field(3, field(1, b"\x85\x80\x80\x00")))),
        "the value before its key": field(1, field(1, field(2, packed_ints) + field(1, b"i"))),
        "a key twice": example(entry(b"i", field(3, field(1, b"\x01"))), entry(b"i", packed_ints)),
        "a key twice, of two kinds": example(entry(b"i", field(1, field(1, b"x"))), entry(b"i", packed_ints)),
        "an entry's value twice": example(entry(b"i", packed_ints, field(3, field(1, b"\x07")))),
        "an entry's value twice, of two kinds": example(entry(b"i", packed_ints, field(2, field(1, one)))),
        "a feature's list twice": example(entry(b"i", packed_ints + packed_ints)),
        "a feature's kind changes": example(entry(b"i", packed_ints + field(2, field(1, one)) + packed_ints)),
        "features twice": example(entry(b"i", packed_ints)) + example(entry(b"f", field(2, field(1, one)))),
        "unknown fields everywhere": field(15, b"zzz")
        + field(1, group + field(1, field(1, b"i") + field(2, packed_ints + b"\x29" + bytes(8)))),
        "a feature without a list": example(entry(b"i", b"")),
        "an entry without a value": example(field(1, field(1, b"i"))),
        "an entry without a key": example(field(1, field(2, packed_ints))),
        "an empty list": example(entry(b"i", field(3, b""))),
        "empty bytes": example(entry(b"b", field(1, field(1, b"") + field(1, b"\x00\xff")))),
        "no features": b"",
    }


def parse_odd(serialized: bytes) -> dict[str, object]:
    """Parse a message with protocol buffers."""
    message = Example.FromString(serialized)
    found = {}
    for name, feature in sorted(message.features.feature.items()):
        if kind := feature.WhichOneof("kind"):
            found[name] = {kind: list(getattr(feature, kind).value)}
    return found


def write_records(name: str, records: list[bytes], compression: str = "") -> str:
    """Write a record file with TensorFlow."""
    path = str(GOLDEN / name)
    with tf.io.TFRecordWriter(path, compression) as writer:
        for record in records:
            writer.write(record)
    return path


def write_members(name: str, parts: list[list[bytes]]) -> None:
    """Write a gzip file with one member per part, concatenated from TensorFlow's files.

    No member is empty: TensorFlow treats an empty member as the end of the file.
    """
    path = GOLDEN / name
    whole = b"".join(Path(write_records(name, part, "GZIP")).read_bytes() for part in parts)
    path.write_bytes(whole)
    read = list(tf.data.TFRecordDataset(str(path), compression_type="GZIP").as_numpy_iterator())
    assert read == [record for part in parts for record in part]


def hexadecimal(value: object) -> object:
    """Convert bytes to hexadecimal strings for JSON."""
    assert isinstance(value, bytes)
    return {"hex": value.hex()}


def write_expectation(name: str, expected: object) -> None:
    """Write the expected values as JSON next to the record file."""
    text = json.dumps({"tensorflow": tf.__version__, "expected": expected}, indent=1, default=hexadecimal)
    (GOLDEN / name).write_text(text + "\n")


def main() -> None:
    """Write all files."""
    GOLDEN.mkdir(exist_ok=True)
    examples = [plain_example(row) for row in range(ROWS)]
    write_expectation("plain.json", parse_plain(write_records("plain.tfrecord", examples), ""))
    write_expectation("gzip.json", parse_plain(write_records("gzip.tfrecord.gz", examples, "GZIP"), "GZIP"))
    write_expectation("zlib.json", parse_plain(write_records("zlib.tfrecord.zz", examples, "ZLIB"), "ZLIB"))
    write_members("members.tfrecord.gz", [examples[:2], examples[2:]])
    pixels = np.random.default_rng(0).integers(0, 256, (5, 4, 3), np.uint8)
    images = [
        Example(features=tf.train.Features(feature={"image": texts(image.tobytes()), "label": ints(row)}))
        for row, image in enumerate(pixels)
    ]
    write_records("images.tfrecord", [image.SerializeToString(deterministic=True) for image in images])
    write_expectation("images.json", {"image": pixels.tolist(), "label": list(range(5))})
    odd = odd_examples()
    write_records("odd.tfrecord", list(odd.values()))
    write_expectation("odd.json", [{"odd": name, "features": parse_odd(data)} for name, data in odd.items()])


if __name__ == "__main__":
    main()
