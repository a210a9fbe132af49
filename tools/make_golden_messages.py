"""Write tests/golden/examples.* and sequences.*: messages of every wire form, and their values in TensorFlow.

    python tools/make_golden_messages.py      # with an interpreter that has TensorFlow; made with 2.21.0

A case is a message, a schema in the form of Headrace's schema file, and the output of `tf.io.parse_example`
or `tf.io.parse_sequence_example` for that schema: values, or a failure. All cases of a message use the same
record.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf
from make_golden_records import (
    GOLDEN,
    entry,
    example,
    field,
    hexadecimal,
    odd_examples,
    varint,
    write_records,
)

KINDS = {"int64_list": tf.int64, "float_list": tf.float32, "bytes_list": tf.string}
TYPES = {tf.int64: "int64", tf.float32: "float32", tf.string: "binary"}
DEFAULTS = {tf.int64: -7, tf.float32: 0.5, tf.string: "none"}
SHAPES: dict[str, list[int]] = {"scalar": [], "fixed_list": [2], "tensor": [2, 2]}


def ints(*values: int) -> bytes:
    """Encode a Feature of packed int64s."""
    return field(3, field(1, b"".join(varint(value % 2**64) for value in values)))


def floats(*values: float) -> bytes:
    """Encode a Feature of packed floats."""
    return field(2, field(1, np.array(values, np.float32).tobytes()))


def texts(*values: bytes) -> bytes:
    """Encode a Feature of bytes."""
    return field(1, b"".join(field(1, value) for value in values))


GROUP = varint(9 << 3 | 3) + varint(9 << 3 | 4)


def examples() -> dict[str, bytes]:
    """Return Examples by their special feature."""
    two_values = field(1, field(1, b"i") + field(2, ints(1)) + field(2, ints(2)))
    return {
        **odd_examples(),
        "one int": example(entry(b"i", ints(-5))),
        "two ints": example(entry(b"i", ints(1, 2**62))),
        "four floats": example(entry(b"f", floats(1, -2.5, 0.25, 3e38))),
        "one text": example(entry(b"b", texts("Straße".encode()))),
        "two texts": example(entry(b"b", texts(b"", b"\xff\x00"))),
        "three ints": example(entry(b"i", ints(1, 2, 3))),
        "an empty list of another kind": example(entry(b"i", field(2, b""))),
        "bytes where another list of the map has ints": example(
            entry(b"b", texts(b"x")), entry(b"i", ints(1))
        ),
        "a key twice, the last without a list": example(entry(b"i", ints(1)), entry(b"i", b"")),
        "a key twice, the last with an empty list": example(entry(b"i", ints(1)), entry(b"i", field(3, b""))),
        "a key twice, the first of another kind": example(entry(b"i", texts(b"x")), entry(b"i", ints(1))),
        "a key three times": example(entry(b"i", ints(1)), entry(b"i", ints(2)), entry(b"i", ints(3))),
        "an unknown field before the features": field(15, b"zzz") + example(entry(b"i", ints(1))),
        "an unknown field after the features": example(entry(b"i", ints(1))) + b"\x78\x05",
        "an unknown group before the features": GROUP + example(entry(b"i", ints(1))),
        "an unknown field among the entries": field(1, field(9, b"q") + entry(b"i", ints(1))),
        "an unknown field in an entry": field(
            1, field(1, field(1, b"i") + field(2, ints(1)) + field(9, b"q"))
        ),
        "an unknown field before the list": example(entry(b"i", field(9, b"q") + ints(1))),
        "an unknown field after the list": example(entry(b"i", ints(1) + field(9, b"q"))),
        "an unknown field in the list": example(entry(b"i", field(3, field(1, b"\x01") + field(9, b"q")))),
        "a value twice in one entry": field(1, two_values),
        "a longer length than it need be": field(1, b"\x0a\x8a\x00" + field(1, b"i") + field(2, ints(1))[:9]),
        "a key that is not UTF-8": example(entry(b"\xff", ints(9)), entry(b"i", ints(1))),
        "a list of the wrong wire type": example(entry(b"i", b"\x18\x05")),
        "floats of five bytes": example(entry(b"f", field(2, field(1, b"\x00" * 5)))),
        "a varint of eleven bytes": example(entry(b"i", field(3, field(1, b"\xff" * 10 + b"\x01")))),
        "a message cut short": example(entry(b"i", ints(1)))[:-1],
        "a length beyond the end": b"\x0a\x7f\x00",
        "field number zero": b"\x02\x01\x00" + example(entry(b"i", ints(1))),
    }


def feature_list(name: bytes, *steps: bytes) -> bytes:
    """Encode an entry of the map of feature lists."""
    return entry(name, b"".join(field(1, step) for step in steps))


def sequence(*lists: bytes, context: bytes = b"") -> bytes:
    """Encode a SequenceExample of serialised entries."""
    return (field(1, context) if context else b"") + field(2, b"".join(lists))


def sequences() -> dict[str, bytes]:
    """Return SequenceExamples by their special feature."""
    one = feature_list(b"i", ints(1))
    return {
        "one value a step": sequence(feature_list(b"i", ints(1), ints(-2), ints(2**62))),
        "floats": sequence(feature_list(b"f", floats(1), floats(-2.5))),
        "texts": sequence(feature_list(b"b", texts(b""), texts(b"\xff"))),
        "two values a step": sequence(feature_list(b"f", floats(1, 2), floats(3, 4), floats(5, 6))),
        "four values a step": sequence(feature_list(b"i", ints(1, 2, 3, 4), ints(5, 6, 7, 8))),
        "any number a step": sequence(feature_list(b"b", texts(b"a", b"b"), texts(), texts(b"c"))),
        "a step without a list": sequence(feature_list(b"i", ints(1), b"", ints(3))),
        "a step with an empty list": sequence(feature_list(b"i", ints(1), field(3, b""), ints(3))),
        "a step of another kind": sequence(feature_list(b"i", ints(1), floats(1))),
        "a step with an empty list of another kind": sequence(feature_list(b"i", ints(1), field(2, b""))),
        "no steps": sequence(feature_list(b"i")),
        "no such list": sequence(feature_list(b"other", ints(1))),
        "no lists": b"",
        "only a context": field(1, entry(b"c", ints(4))),
        "a context, then lists": sequence(one, context=entry(b"c", ints(4))),
        "lists, then the context": sequence(one) + field(1, entry(b"c", ints(4))),
        "a context feature twice": sequence(one, context=entry(b"c", ints(4)) + entry(b"c", ints(5))),
        "a context of another kind": sequence(one, context=entry(b"c", floats(4))),
        "a list twice": sequence(one, feature_list(b"i", ints(2), ints(3))),
        "a list twice, the last empty": sequence(one, feature_list(b"i")),
        "the lists in two messages": sequence(feature_list(b"j", ints(9))) + sequence(one),
        "the same list in two messages": sequence(one) + sequence(feature_list(b"i", ints(2))),
        "a list's value twice": sequence(field(1, field(1, b"i") + 2 * field(2, field(1, ints(1))))),
        "the steps before the name": sequence(field(1, field(2, field(1, ints(1))) + field(1, b"i"))),
        "an entry without steps": sequence(field(1, field(1, b"i"))),
        "values one by one": sequence(
            feature_list(b"i", field(3, b"\x08\x01"), field(3, b"\x08\x02\x08\x03"))
        ),
        "values in two packs": sequence(feature_list(b"i", field(3, field(1, b"\x01") + field(1, b"\x02")))),
        "an unknown field before the lists": field(9, b"q") + sequence(one),
        "an unknown field among the lists": sequence(field(9, b"q"), one),
        "an unknown field among the steps": sequence(entry(b"i", field(1, ints(1)) + field(7, b"u"))),
        "an unknown field in a step": sequence(feature_list(b"i", ints(1) + field(9, b"q"))),
        "a message cut short": sequence(one)[:-1],
        "a step's length beyond the end": sequence(entry(b"i", b"\x0a\x7f\x00")),
    }


def kind_of(features: Any, name: str) -> Any:
    """Return the dtype of a feature in protocol buffers; int64 if it has no value."""
    return KINDS[features.feature[name].WhichOneof("kind") or "int64_list"]


def column(name: str, dtype: Any, layout: str, *, nullable: bool, value: object = None) -> dict[str, object]:
    """Return a feature in the form of Headrace's schema file."""
    stored: dict[str, object] = {"name": name, "type": TYPES[dtype], "layout": layout, "nullable": nullable}
    if SHAPES.get(layout):
        stored["shape"] = SHAPES[layout]
    return stored if value is None else {**stored, "default": value}


def example_cases(data: bytes) -> Iterator[tuple[dict[str, object], Callable[[], Any]]]:
    """Yield each schema to read an Example with, and TensorFlow's parser for it."""
    features = tf.train.Features()
    try:
        features = tf.train.Example.FromString(data).features
    except Exception:
        features = tf.train.Features()
    for name in sorted(features.feature) or ["i"]:
        dtype = kind_of(features, name)
        other = tf.float32 if dtype == tf.int64 else tf.int64
        yield (
            {"features": [column(name, other, "list", nullable=True)]},
            lambda name=name, other=other: tf.io.parse_example([data], {name: tf.io.RaggedFeature(other)})[
                name
            ],
        )
        specs = {"list": (None, tf.io.RaggedFeature(dtype))}
        for layout, shape in SHAPES.items():
            specs[layout] = (None, tf.io.FixedLenFeature(shape, dtype))
        specs["scalar with a default"] = (DEFAULTS[dtype], tf.io.FixedLenFeature([], dtype, DEFAULTS[dtype]))
        for layout, (value, spec) in specs.items():
            stored = column(name, dtype, layout.split()[0], nullable=layout == "list", value=value)
            yield (
                {"features": [stored]},
                lambda name=name, spec=spec: tf.io.parse_example([data], {name: spec})[name],
            )


def parse_lists(data: bytes, name: str, spec: Any, context: dict[str, Any]) -> Any:
    """Parse a feature list with both of TensorFlow's functions, which must agree."""
    found_context, found, _ = tf.io.parse_sequence_example([data], context, {name: spec})
    _, single = tf.io.parse_single_sequence_example(data, context, {name: spec})
    assert plain(found[name])[0] == plain(single[name])
    return found[name], found_context["c"]


def sequence_cases(data: bytes) -> Iterator[tuple[dict[str, object], Callable[[], Any]]]:
    """Yield each schema to read a SequenceExample with, and TensorFlow's parser for it."""
    name, dtype = "i", tf.int64
    for candidate, kind in (("f", tf.float32), ("b", tf.string)):
        if field(1, candidate.encode()) in data:
            name, dtype = candidate, kind
    context = {"c": tf.io.FixedLenFeature([], tf.int64, -7)}
    specs: dict[str, Any] = {"list": tf.io.RaggedFeature(dtype)}
    for layout, shape in SHAPES.items():
        specs[layout] = tf.io.FixedLenSequenceFeature(shape, dtype, allow_missing=True)
    for layout, spec in specs.items():
        schema = {
            "context": [column("c", tf.int64, "scalar", nullable=False, value=-7)],
            "feature_lists": [column(name, dtype, layout, nullable=True)],
        }
        yield schema, lambda spec=spec: parse_lists(data, name, spec, context)


def plain(value: Any) -> Any:
    """Convert to lists."""
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return value.to_list() if isinstance(value, tf.RaggedTensor) else value.numpy().tolist()


def outcome(parse: Callable[[], Any]) -> dict[str, object]:
    """Return TensorFlow's values of the record, or that it fails."""
    try:
        return {"values": plain(parse())}
    except (
        tf.errors.InvalidArgumentError,
        UnicodeDecodeError,
    ):  # the message may contain bytes of the record
        return {"refused": True}


def write_cases(name: str, messages: dict[str, bytes], cases: Callable[[bytes], Any]) -> None:
    """Write a record per message, and all its cases."""
    write_records(f"{name}.tfrecord", list(messages.values()))
    found = [
        {"message": message, "record": record, "schema": schema, **outcome(parse)}
        for record, (message, data) in enumerate(messages.items())
        for schema, parse in cases(data)
    ]
    lines = ",\n".join(json.dumps(case, default=hexadecimal) for case in found)
    text = f'{{"tensorflow": "{tf.__version__}", "expected": [\n{lines}\n]}}\n'
    (GOLDEN / f"{name}.json").write_text(text)


def main() -> None:
    """Write all files."""
    write_cases("examples", examples(), example_cases)
    write_cases("sequences", sequences(), sequence_cases)


if __name__ == "__main__":
    main()
