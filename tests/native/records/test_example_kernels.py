from __future__ import annotations

import numpy as np
import pytest

from headrace import _native

NO_ROWS = np.zeros(0, np.int64)
LABEL = ("label", 3, 0, 1, True, False, -(2**63), 2**63 - 1)


@pytest.mark.parametrize(("start", "length"), [(-1, 2), (0, 5), (4, 1), (2**62, 2**62), (1, -1)])
def test_records_outside_the_data_are_rejected(start: int, length: int) -> None:
    parser = _native.ExampleParser([LABEL])
    with pytest.raises(ValueError, match="outside"):
        parser.append(b"abc", np.array([start]), np.array([length]))


@pytest.mark.parametrize(
    "feature", [("x", 0, 0, 1), ("x", 4, 0, 1), ("x", 3, 3, 1), ("x", 3, 9, 1), ("x", 3, 2, -1)]
)
def test_impossible_features_are_rejected(feature: tuple[str, int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"kind|layout|size"):
        _native.ExampleParser([(*feature, True, False, 0, 0)])


@pytest.mark.parametrize(
    "column",
    [
        ("x", 3, np.zeros(2, np.int64), None, None, 1, None, False),
        ("x", 3, np.zeros(9, np.int64), None, np.array([0, 5, 3, 9]), 1, None, False),
        ("x", 3, np.zeros(9, np.int64), None, np.array([0, 3, 5, 10]), 1, None, False),
        ("x", 3, np.zeros(9, np.int64), None, np.array([0, 3, 5]), 1, None, False),
        ("x", 1, np.zeros(9, np.uint8), np.array([0, 3, 5, 10]), None, 1, None, False),
        ("x", 3, np.zeros(3, np.int64), None, None, 1, np.ones(2, np.uint8), False),
        ("x", 5, np.zeros(3, np.int64), None, None, 1, None, False),
    ],
)
def test_columns_that_do_not_match_the_number_of_rows_are_rejected(column: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match=r"values|offsets|row_splits|present|kind"):
        _native.encode_examples([column], 3, 0, 1)  # type: ignore[list-item]


@pytest.mark.parametrize(("row", "present"), [(1, None), (2, np.array([1, 0, 1], np.uint8))])
def test_strings_that_are_not_utf8_are_refused_where_they_are_written(
    row: int, present: np.ndarray | None
) -> None:
    offsets = np.array([0, 1, 2, 3])
    data = np.frombuffer(b"a\xffb" if row == 1 else b"a\xff\xff", np.uint8)
    column = ("x", 1, data, offsets, None, 1, present)
    with pytest.raises(ValueError, match=f"row {row} has a string that is not UTF-8"):
        _native.encode_examples([(*column, True)], 3, 0, 1)
    steps = ((*column[:6], None, True), np.array([0, 3]), None, 3)
    with pytest.raises(ValueError, match="row 0 has a string that is not UTF-8"):
        _native.encode_sequence_examples([], [steps], 1, 0, 1)
    frames, _ = _native.encode_examples([(*column, False)], 3, 0, 1)
    assert len(_native.scan_frames(frames)[0]) == 3


def test_zero_records_give_empty_columns() -> None:
    parser = _native.ExampleParser([LABEL])
    assert parser.append(b"", NO_ROWS, NO_ROWS) is None
    ((values, offsets, row_splits, validity),) = parser.finish()
    assert (len(values), offsets, row_splits, validity) == (0, None, None, None)


@pytest.mark.parametrize("kind", [1, 2, 3])
def test_an_empty_list_in_a_fixed_size_column_is_null_on_every_path(kind: int) -> None:
    feature = bytes([kind << 3 | 2, 0])
    entry = b"\x0a\x01x\x12" + bytes([len(feature)]) + feature
    features = b"\x0a" + bytes([len(entry)]) + entry
    plain = b"\x0a" + bytes([len(features)]) + features
    for record in (plain, b"\x78\0" + plain):  # with an unknown field: not canonical
        parser = _native.ExampleParser([("x", kind, 2, 0, False, False, 0, 0)])
        assert parser.append(record, np.zeros(1, np.int64), np.array([len(record)])) is None
        ((_, _, _, validity),) = parser.finish()
        assert validity is not None
        assert validity.tolist() == [0]
