from __future__ import annotations

import struct
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.errors import RecordError, SchemaError
from headrace.records import decode_example, encode_example

# tf.train.Example by the protocol buffer library: an independent reader and writer to test against.
_F = descriptor_pb2.FieldDescriptorProto


def _list_message(file: descriptor_pb2.FileDescriptorProto, name: str, type_: int) -> None:
    message = file.message_type.add(name=name)
    message.field.add(name="value", number=1, label=_F.LABEL_REPEATED, type=type_)


def _feature_message(file: descriptor_pb2.FileDescriptorProto) -> None:
    feature = file.message_type.add(name="Feature")
    feature.oneof_decl.add(name="kind")
    for number, name in enumerate(("BytesList", "FloatList", "Int64List"), start=1):
        field_name = name.removesuffix("List").lower() + "_list"
        feature.field.add(
            name=field_name,
            number=number,
            type=_F.TYPE_MESSAGE,
            type_name=f".t.{name}",
            oneof_index=0,
            label=1,
        )


def _features_message(file: descriptor_pb2.FileDescriptorProto) -> None:
    features = file.message_type.add(name="Features")
    entry = features.nested_type.add(name="FeatureEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, label=1, type=_F.TYPE_STRING)
    entry.field.add(name="value", number=2, label=1, type=_F.TYPE_MESSAGE, type_name=".t.Feature")
    entries = ".t.Features.FeatureEntry"
    features.field.add(
        name="feature", number=1, label=_F.LABEL_REPEATED, type=_F.TYPE_MESSAGE, type_name=entries
    )
    example = file.message_type.add(name="Example")
    example.field.add(name="features", number=1, label=1, type=_F.TYPE_MESSAGE, type_name=".t.Features")


def _example_class() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="example_for_tests.proto", package="t", syntax="proto3")
    _list_message(file, "BytesList", _F.TYPE_BYTES)
    _list_message(file, "FloatList", _F.TYPE_FLOAT)
    _list_message(file, "Int64List", _F.TYPE_INT64)
    _feature_message(file)
    _features_message(file)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("t.Example"))


Example = _example_class()


def features_of(data: bytes) -> dict[str, list[Any]]:
    """Every feature that has a list."""
    return {
        name: list(getattr(feature, feature.WhichOneof("kind")).value)
        for name, feature in Example.FromString(data).features.feature.items()
        if feature.WhichOneof("kind")
    }


int64 = st.integers(-(2**63), 2**63 - 1)
values = st.one_of(
    st.lists(st.floats(width=32), max_size=5).map(lambda v: np.array(v, np.float32)),
    st.lists(int64, max_size=200).map(lambda v: np.array(v, np.int64)),
    st.lists(st.binary(max_size=200), max_size=5),
)
features = st.dictionaries(st.text(max_size=8), values, max_size=6)


def same(one: object, other: object) -> bool:
    """Equal bit for bit, so that NaN is NaN and -0.0 is not 0.0."""
    if isinstance(one, list):
        return one == other
    one, other = np.asarray(one), np.asarray(other)
    return one.dtype == other.dtype and one.tobytes() == other.tobytes()


@given(features)
def test_encoded_examples_are_decoded(given_features: dict[str, object]) -> None:
    decoded = decode_example(encode_example(given_features))
    assert decoded.keys() == given_features.keys()
    assert all(same(decoded[name], value) for name, value in given_features.items())


@given(features)
def test_protobuf_parses_encoded_examples(given_features: dict[str, object]) -> None:
    found = features_of(encode_example(given_features))
    assert found.keys() == given_features.keys()
    for name, value in given_features.items():
        kind = np.float32 if isinstance(value, np.ndarray) and value.dtype == np.float32 else None
        assert (
            same(np.array(found[name], kind), np.array(value, kind)) if kind else found[name] == list(value)
        )


@given(features)
def test_examples_written_by_protobuf_are_decoded(given_features: dict[str, object]) -> None:
    message = Example.FromString(encode_example(given_features))
    decoded = decode_example(message.SerializeToString())
    assert all(same(decoded[name], value) for name, value in given_features.items())


# Messages assembled at random from plausible pieces: what protobuf accepts must read the same here.
def _field(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


numbers = st.integers(1, 4)
scraps = st.one_of(
    st.binary(max_size=6),
    st.builds(lambda v: b"\x08" + _varint(v), st.integers(0, 2**64 - 1)),
    st.builds(lambda v: b"\x0d" + struct.pack("<f", v), st.floats(width=32)),
    st.just(b"\x4b\x08\x01\x4c"),
)
lists = st.lists(scraps | st.builds(_field, numbers, st.binary(max_size=8)), max_size=3).map(b"".join)
messages = st.lists(st.builds(_field, numbers, lists) | scraps, max_size=3).map(b"".join)
keys = st.sampled_from([b"a", b"b", b""]).map(lambda key: _field(1, key))
entries = st.lists(keys | st.builds(_field, st.just(2), messages), max_size=3).map(b"".join)
examples = st.lists(st.builds(_field, st.just(1), entries) | scraps, max_size=4).map(b"".join)


@settings(max_examples=400)
@given(st.lists(st.builds(_field, st.just(1), examples), max_size=2).map(b"".join) | st.binary(max_size=40))
def test_unusual_messages_parse_as_in_protobuf(data: bytes) -> None:
    try:
        expected = features_of(data)
    except DecodeError:
        with suppress(RecordError):  # or skipped, if a later entry of the same name replaces the invalid one
            decode_example(data)
        return
    decoded = decode_example(data)
    assert decoded.keys() == expected.keys()
    for name, value in expected.items():
        found = decoded[name]
        exact = value if isinstance(found, list) else np.array(value, found.dtype)
        assert same(found, exact)


def test_supported_values_are_encoded() -> None:
    given_features = {
        "s": "sun",
        "b": b"\xff",
        "n": 3,
        "x": 0.5,
        "yes": True,
        "none": None,
        "words": ["a", b"b"],
    }
    given_features |= {"image": np.arange(4, dtype=np.uint8).reshape(2, 2), "strings": np.array(["a", "bc"])}
    decoded = decode_example(encode_example(given_features))
    assert "none" not in decoded
    assert (decoded["s"], decoded["b"], decoded["words"]) == ([b"sun"], [b"\xff"], [b"a", b"b"])
    assert [decoded[name].tolist() for name in ("n", "x", "yes")] == [[3], [0.5], [1]]
    assert decoded["image"].tolist() == [0, 1, 2, 3]
    assert decoded["strings"] == [b"a", b"bc"]


@pytest.mark.parametrize("value", [1j, object(), {"a": 1}, 1e300])
def test_unsupported_values_are_rejected(value: object) -> None:
    with pytest.raises(SchemaError, match="feature 'x'"):
        encode_example({"x": value})


def test_a_name_that_is_not_utf8_is_rejected() -> None:
    with pytest.raises(RecordError, match="UTF-8"):
        decode_example(_field(1, _field(1, _field(1, b"\xff") + _field(2, _field(3, b"")))))
