"""Columns of serialised tensors: the messages of `encode_tensor`, the values of `decode_tensor`."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace import records
from headrace.errors import RecordError, SchemaError
from headrace.records import decode_tensor, decode_tensors, encode_tensor, encode_tensors

DTYPES = (
    *("bool", "float16", "float32", "float64", "int8", "int16", "int32", "int64"),
    *("uint8", "uint16", "uint32", "uint64"),
)


def make_column(
    dtype: str, shape: tuple[int, ...], missing: list[bool], seed: int
) -> tuple[pa.Array, np.ndarray]:
    rows = (
        np.random.default_rng(seed)
        .integers(0, 2 if dtype == "bool" else 100, (len(missing), *shape))
        .astype(dtype)
    )
    flat, mask = pa.array(rows.reshape(-1)), np.array(missing, bool)
    if not shape:
        return pa.array(rows, mask=mask), rows
    lists = pa.FixedSizeListArray.from_arrays(flat, int(np.prod(shape)), mask=pa.array(mask))
    if len(shape) == 1:
        return lists, rows
    return pa.ExtensionArray.from_storage(pa.fixed_shape_tensor(flat.type, shape), lists), rows


@given(
    st.sampled_from(DTYPES),
    st.lists(st.integers(1, 4), max_size=3).map(tuple),
    st.lists(st.booleans(), max_size=6),
    st.integers(0, 100),
    st.integers(0, 3),
)
def test_rows_are_those_of_single_tensors(
    dtype: str, shape: tuple[int, ...], missing: list[bool], seed: int, start: int
) -> None:
    column, rows = make_column(dtype, shape, missing, seed)
    column, rows, missing = column[start:], rows[start:], missing[start:]
    encoded = encode_tensors(column)
    expected = [None if gone else encode_tensor(row) for row, gone in zip(rows, missing, strict=True)]
    assert encoded.to_pylist() == expected
    decoded = decode_tensors(encoded, column.type)
    decoded.validate(full=True)
    assert decoded.type == column.type
    assert decoded.to_pylist() == column.to_pylist()
    if not all(missing):
        assert decode_tensors(encoded).to_pylist() == column.to_pylist()
    assert decode_tensors(encoded.cast(pa.large_binary()), column.type).to_pylist() == column.to_pylist()


def test_messages_of_other_forms_are_read() -> None:
    typed = bytes.fromhex("0803120412020803") + b"\x3a\x03\x01\x02\x03"  # packed int_val
    same = encode_tensor(np.array([4, 5, 6], np.int32))
    assert decode_tensor(typed).tolist() == [1, 2, 3]
    column = pa.array([same, typed, None])
    assert decode_tensors(column, pa.list_(pa.int32(), 3)).to_pylist() == [[4, 5, 6], [1, 2, 3], None]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (encode_tensor(np.array([1, 2], np.int64)), r"'x': expected a tensor int32\[3\], got int64\[2\]"),
        (encode_tensor(np.array([[1, 2, 3]], np.int32)), r"got int32\[1, 3\]"),
        (b"", r"record 1: feature 'x'"),
        (b"\xff" * 20, r"record 1: feature 'x'"),
        (encode_tensor("text"), r"expected a tensor int32\[3\], got object"),
    ],
)  # fmt: skip
def test_a_row_of_another_type_or_shape_is_named(row: bytes, what: str) -> None:
    column = pa.array([encode_tensor(np.array([4, 5, 6], np.int32)), row])
    with pytest.raises(RecordError, match=what):
        decode_tensors(column, pa.list_(pa.int32(), 3), "x")


def test_booleans_are_checked() -> None:
    good = encode_tensor(np.array([True, False]))
    with pytest.raises(RecordError, match="expected bytes 0 and 1 for booleans, got 7"):
        decode_tensors(pa.array([good[:-1] + b"\x07"]), pa.list_(pa.bool_(), 2))


def test_what_is_not_a_column_of_tensors_is_refused() -> None:
    for column in (pa.array(["a"]), pa.array([[1, 2]]), pa.array([[1], None])):
        with pytest.raises(SchemaError, match="only numbers of one fixed shape are serialised"):
            encode_tensors(column)
    with pytest.raises(SchemaError, match="expected no nulls within tensors, got 1"):
        encode_tensors(pa.array([[1, None]], pa.list_(pa.int64(), 2)))
    with pytest.raises(SchemaError, match="expected a column of bytes, got int64"):
        decode_tensors(pa.array([1]))
    with pytest.raises(SchemaError, match="expected a row with a tensor, got none"):
        decode_tensors(pa.array([None], pa.binary()))
    with pytest.raises(SchemaError, match="expected a tensor of numbers that Arrow has, got complex64"):
        decode_tensors(pa.array([encode_tensor(np.zeros(2, np.complex64))]))
    with pytest.raises(SchemaError, match="'x': only numbers of one fixed shape"):
        records.serialized(pa.field("x", pa.list_(pa.int64())))
