"""Records are found by their headers alone, and compared with their checksums where they are parsed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from headrace import _native
from headrace.records import encode_example, encode_sequence_example

COMPLETE, BAD_LENGTH_SUM, BAD_DATA_SUM = 0, 2, 3
CHECKSUM = 9
LABEL = ("label", 3, 0, 1, True, False, -(2**63), 2**63 - 1)
FRAMES = [_native.frame(encode_example({"label": label})) for label in (5, 6, 7)]
SECOND = len(FRAMES[0]) + 12  # where the second record's data start


def with_flip(at: int) -> bytes:
    data = bytearray(b"".join(FRAMES))
    data[at] ^= 1
    return bytes(data)


def test_damaged_data_stop_only_a_scan_that_verifies() -> None:
    data = with_flip(SECOND)
    starts, _, _, state, _ = _native.scan_frames(data)
    assert (len(starts), state) == (1, BAD_DATA_SUM)
    starts, lengths, end, state, _ = _native.scan_frames(data, verify=False)
    assert (len(starts), end, state) == (3, len(data), COMPLETE)
    assert lengths.tolist() == [len(frame) - 16 for frame in FRAMES]


def test_a_damaged_header_stops_both() -> None:
    data = with_flip(SECOND - 1)
    for verify in (True, False):
        starts, _, _, state, _ = _native.scan_frames(data, verify)
        assert (len(starts), state) == (1, BAD_LENGTH_SUM)


@pytest.mark.parametrize("at", range(SECOND, SECOND + len(FRAMES[1]) - 12))
def test_every_byte_of_data_and_checksum_is_compared(at: int) -> None:
    data = with_flip(at)
    starts, lengths, *_ = _native.scan_frames(data, verify=False)
    parser = _native.ExampleParser([LABEL])
    failure = parser.append_unverified(data, starts, lengths)
    assert failure == (CHECKSUM, 1, -1, 0, 0, -1)


def test_whole_records_are_parsed_as_by_append() -> None:
    data = b"".join(FRAMES)
    starts, lengths, *_ = _native.scan_frames(data, verify=False)
    columns = []
    for method in ("append", "append_unverified"):
        parser = _native.ExampleParser([LABEL])
        assert getattr(parser, method)(data, starts, lengths) is None
        ((values, *_),) = parser.finish()
        columns.append(values.tolist())
    assert columns == [[5, 6, 7]] * 2


def test_sequences_are_compared_too() -> None:
    frame = bytearray(_native.frame(encode_sequence_example({"label": 5}, {"label": [[1], [2]]})))

    def parse() -> Any:
        parser = _native.SequenceParser([LABEL], [(LABEL, True)])
        return parser.append_unverified(bytes(frame), np.array([12]), np.array([len(frame) - 16]))

    assert parse() is None
    frame[-5] ^= 4
    assert parse() == (CHECKSUM, 0, -1, 0, 0, -1)


@pytest.mark.parametrize("start", [-1, 13, 2**62])
def test_a_checksum_outside_the_data_is_refused(start: int) -> None:
    parser = _native.ExampleParser([LABEL])
    with pytest.raises(ValueError, match="outside"):
        parser.append_unverified(FRAMES[0], np.array([start]), np.array([len(FRAMES[0]) - 16]))
