"""UTF-8 validation agrees with Python's decoder, by sequences and by blocks of 64 bytes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace import _native
from headrace.records import encode_example

TEXT = ("x", 1, 0, 1, True, True, 0, 0)
# The limits and neighbours of every range of Unicode's table 3-7.
EDGES = "\x00\x7f\x80\u07ff\u0800\u0fff\u1000\ud7ff\ue000\uffff\U00010000\U0003ffff\U00040000\U0010ffff"
BYTES = bytes(
    [
        0x7F,
        0x80,
        0x8F,
        0x90,
        0x9F,
        0xA0,
        0xBF,
        0xC0,
        0xC1,
        0xC2,
        0xDF,
        0xE0,
        0xED,
        0xEF,
        0xF0,
        0xF4,
        0xF5,
        0xFF,
    ]
)


def is_text(value: bytes) -> bool:
    record = encode_example({"x": value})
    return _native.ExampleParser([TEXT]).append(record, np.array([0]), np.array([len(record)])) is None


def decodes(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


texts = st.text(st.sampled_from(EDGES) | st.characters(exclude_categories=["Cs"]), max_size=100)


@given(texts, st.integers(0, 200))
def test_valid_text_of_all_planes_is_accepted(text: str, before: int) -> None:
    assert is_text(b"a" * before + text.encode())


@given(texts, st.integers(0, 130), st.integers(0, 2**31), st.sampled_from(list(BYTES)))
def test_one_replaced_byte(text: str, before: int, place: int, byte: int) -> None:
    value = bytearray(b"a" * before + text.encode() + b"b")
    value[place % len(value)] = byte
    assert is_text(bytes(value)) == decodes(bytes(value))


@given(texts, st.integers(60, 130), st.integers(0, 4))
def test_text_truncated_inside_a_character(text: str, before: int, cut: int) -> None:
    value = b"a" * before + text.encode()
    value = value[: len(value) - cut]
    assert is_text(value) == decodes(value)


def test_pairs_of_edge_bytes_around_the_end_of_a_block() -> None:
    for before in (61, 62, 63, 64):
        for first in BYTES:
            for second in BYTES:
                for rest in (b"", b"\x80", b"\x80\x80", b"a" * 70):
                    value = b"a" * before + bytes([first, second]) + rest
                    assert is_text(value) == decodes(value), value


@pytest.mark.parametrize(
    "sequence",
    ["é", "ß€", "\U0001f600", "日本", b"\x80", b"\xc3", b"\xc0\xaf", b"\xe0\x9f\x80", b"\xed\xa0\x80"],
)
def test_a_sequence_is_validated_at_every_position(sequence: str | bytes) -> None:
    encoded = sequence.encode() if isinstance(sequence, str) else sequence
    for before in range(140):
        for after in (0, 1, 63, 64):
            text = b"a" * before + encoded + b"b" * after
            assert is_text(text) == decodes(text)
