"""The fast path for steps in canonical form gives the same columns and failures as the general parser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace import _native

FLOAT, INT64 = 2, 3
INT8 = (-128, 127)
INT64_RANGE = (-(2**63), 2**63 - 1)


def varint(value: int) -> bytes:
    value %= 2**64
    return bytes([value]) if value < 0x80 else bytes([value & 0x7F | 0x80]) + varint(value >> 7)


def field(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def int_step(*values: int) -> bytes:
    return field(1, field(INT64, field(1, b"".join(map(varint, values)))))


def float_step(*values: float) -> bytes:
    return field(1, field(FLOAT, field(1, np.array(values, "<f4").tobytes())))


def parse(kind: int, limits: tuple[int, int], message: bytes) -> Any:
    """Parse a record whose list "x" is this FeatureList; return values and splits, or the failure."""
    record = field(2, field(1, field(1, b"x") + field(2, message)))
    parser = _native.SequenceParser([], [(("x", kind, 0, 1, True, False, *limits), True)])
    failure = parser.append(record, np.zeros(1, np.int64), np.array([len(record)]))
    if failure is not None:
        return failure
    _, (((values, *_), splits, _),) = parser.finish()
    return values.tobytes(), splits.tolist()


def both_ways(kind: int, limits: tuple[int, int], steps: Sequence[bytes]) -> tuple[Any, Any]:
    """Parse the steps by the fast path, and after an unknown field, which makes the list non-canonical."""
    message = b"".join(steps)
    return parse(kind, limits, message), parse(kind, limits, b"\x78\0" + message)


INTS = st.integers(*INT64_RANGE) | st.integers(-200, 200)


@given(st.lists(st.lists(INTS, min_size=1, max_size=2) | INTS.map(lambda each: [each]), max_size=12))
def test_integers(steps: list[list[int]]) -> None:
    for limits in (INT64_RANGE, INT8):
        fast, general = both_ways(INT64, limits, [int_step(*step) for step in steps])
        assert fast == general


@given(st.lists(st.lists(st.floats(width=32), min_size=0, max_size=2), max_size=12))
def test_floats(steps: list[list[float]]) -> None:
    fast, general = both_ways(FLOAT, (0, 0), [float_step(*step) for step in steps])
    assert fast == general


@given(
    st.lists(st.integers(0, 255), max_size=60).map(bytes), st.integers(0, 40), st.sampled_from([INT64, FLOAT])
)
def test_arbitrary_bytes(tail: bytes, cut: int, kind: int) -> None:
    step = int_step(300) if kind == INT64 else float_step(1.5)
    fast, general = both_ways(kind, INT64_RANGE, [(step * 3)[:cut], tail])
    assert fast == general


def test_a_failed_step_is_numbered_from_the_start_of_the_list() -> None:
    failure = parse(INT64, INT8, int_step(1) * 4 + int_step(128))
    assert failure[:4] == (6, 0, 0, 128)
    assert failure[5] == 4


@pytest.mark.parametrize("longer", [b"\x87\0", b"\x87\x80\0"])
def test_a_varint_longer_than_necessary(longer: bytes) -> None:
    step = field(1, field(INT64, field(1, longer)))
    assert parse(INT64, INT64_RANGE, step * 2) == (np.array([7, 7]).tobytes(), [0, 2])
