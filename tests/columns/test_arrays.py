from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace.columns import ColumnType, Ragged, column_type, from_arrow, to_arrow
from headrace.errors import SchemaError

IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


def tensors() -> pa.Array:
    storage = pa.FixedSizeListArray.from_arrays(pa.array(IMAGES.reshape(-1)), 12)
    return pa.ExtensionArray.from_storage(pa.fixed_shape_tensor(pa.uint8(), (3, 4)), storage)


@pytest.mark.parametrize(
    ("type_", "expected", "shown"),
    [
        (pa.bool_(), ColumnType("bool"), "bool"),
        (pa.uint64(), ColumnType("uint64"), "uint64"),
        (pa.float16(), ColumnType("float16"), "float16"),
        (pa.float32(), ColumnType("float32"), "float32"),
        (pa.float64(), ColumnType("float64"), "float64"),
        (pa.string(), ColumnType("string"), "string"),
        (pa.large_string(), ColumnType("string"), "string"),
        (pa.binary(), ColumnType("string"), "string"),
        (pa.dictionary(pa.int8(), pa.string()), ColumnType("string"), "string"),
        (pa.list_(pa.int64()), ColumnType("int64", ragged=True), "list<int64>"),
        (pa.large_list(pa.string()), ColumnType("string", ragged=True), "list<string>"),
        (pa.list_(pa.float32(), 3), ColumnType("float32", (3,)), "float32[3]"),
        (pa.fixed_shape_tensor(pa.uint8(), (28, 28)), ColumnType("uint8", (28, 28)), "uint8[28, 28]"),
        (pa.date32(), ColumnType("timestamp[us]"), "timestamp[us]"),
        (
            pa.list_(pa.timestamp("ns")),
            ColumnType("timestamp[us]", ragged=True),
            "list<timestamp[us]>",
        ),
    ],
)
def test_arrow_types_have_column_types(type_: pa.DataType, expected: ColumnType, shown: str) -> None:
    assert column_type(pa.field("x", type_)) == expected
    assert str(expected) == shown


@pytest.mark.parametrize(
    "type_",
    [
        pa.duration("s"),
        pa.decimal128(5),
        pa.null(),
        pa.struct([]),
        pa.list_(pa.list_(pa.int8())),
        pa.time32("s"),
    ],
)
def test_types_without_a_place_name_the_feature(type_: pa.DataType) -> None:
    with pytest.raises(
        SchemaError, match="expected a column of numbers, booleans, strings or dates, got Arrow type"
    ) as caught:
        column_type(pa.field("when", type_))
    assert caught.value.feature == "when"


ARRAYS: dict[str, tuple[pa.Array, Any]] = {
    "bool": (pa.array([True, False, True]), np.array([True, False, True])),
    "int8": (pa.array([-1, 2], pa.int8()), np.array([-1, 2], np.int8)),
    "uint64": (pa.array([2**64 - 1], pa.uint64()), np.array([2**64 - 1], np.uint64)),
    "float": (pa.array([0.5, np.nan]), np.array([0.5, np.nan])),
    "no rows": (pa.array([], pa.float32()), np.zeros(0, np.float32)),
    "fixed": (pa.array([[1, 2], [3, 4]], pa.list_(pa.int32(), 2)), np.array([[1, 2], [3, 4]], np.int32)),
    "tensor": (tensors(), IMAGES),
    "no tensors": (tensors().slice(0, 0), IMAGES[:0]),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_numbers_go_to_numpy_and_back(name: str) -> None:
    array, expected = ARRAYS[name]
    found = from_arrow(array)
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    np.testing.assert_array_equal(found, expected)
    assert to_arrow(found).equals(array) or name == "float"  # NaN is not equal to itself
    assert to_arrow(found).type == array.type


@pytest.mark.parametrize("name", ARRAYS)
def test_slices_and_chunks_read_as_their_rows(name: str) -> None:
    array, expected = ARRAYS[name]
    np.testing.assert_array_equal(from_arrow(array.slice(1)), expected[1:])
    chunked = pa.chunked_array([array.slice(0, 1), array.slice(1)])
    np.testing.assert_array_equal(from_arrow(chunked), expected)


def test_numbers_are_not_copied() -> None:
    array = pa.array(np.arange(10.0))
    assert np.shares_memory(from_arrow(array), np.frombuffer(array.buffers()[1]))


@pytest.mark.parametrize("type_", [pa.list_(pa.int64()), pa.large_list(pa.int64())])
def test_lists_become_values_and_row_splits(type_: pa.DataType) -> None:
    array = pa.array([[9], [1, 2], [], None, [3]], type_)
    for part in (array.slice(1), pa.chunked_array([array.slice(1, 1), array.slice(2)])):
        values, row_splits = from_arrow(part)
        assert values.tolist() == [1, 2, 3]
        assert row_splits.tolist() == [0, 2, 2, 2, 3]
        assert row_splits.dtype == np.int64
    assert to_arrow(from_arrow(array.slice(0, 3))).to_pylist() == [[9], [1, 2], []]


def test_what_lies_under_a_missing_list_is_left_out() -> None:
    offsets, mask = pa.array([0, 2, 4, 5], pa.int32()), pa.array([False, True, False])
    array = pa.ListArray.from_arrays(offsets, pa.array([1, 2, 7, 7, 3]), mask=mask)
    values, row_splits = from_arrow(array)
    assert (values.tolist(), row_splits.tolist()) == ([1, 2, 3], [0, 2, 2, 3])


def test_ragged_strings_stay_arrow_strings() -> None:
    values, row_splits = from_arrow(pa.array([["a", None], [], ["b"]]))
    assert (values.to_pylist(), row_splits.tolist()) == (["a", "", "b"], [0, 2, 2, 3])
    assert to_arrow(Ragged(values, row_splits)).to_pylist() == [["a", ""], [], ["b"]]


@pytest.mark.parametrize(
    "array",
    [
        pa.array(["a", None, "é"]),
        pa.array(["a", None, "é"], pa.large_string()),
        pa.array([b"a", None, "é".encode()]),
        pa.array(["a", None, "é"]).dictionary_encode(),
    ],
)
def test_strings_of_every_kind_are_arrow_strings_with_missing_ones_empty(array: pa.Array) -> None:
    assert from_arrow(array).equals(pa.array(["a", "", "é"]))


@pytest.mark.parametrize("name", ["float16", "float32", "float64"])
def test_missing_floats_are_nan(name: str) -> None:
    found = from_arrow(pa.array([1, None], getattr(pa, name)()))
    assert found.dtype == name
    np.testing.assert_array_equal(found, [1, np.nan])


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (pa.array([1, None, None]), "2 missing values in a column of int64"),
        (pa.array([True, None]), "1 missing values in a column of bool"),
        (pa.array([[1, None]]), "1 missing values in a column of int64"),
        (
            pa.array([[1, 2], None], pa.list_(pa.float64(), 2)),
            "1 missing values in a column of fixed_size_list",
        ),
        (pa.array([b"\xff"]), "bytes that are not UTF-8"),
        (pa.array([["a", "b"]], pa.list_(pa.string(), 2)), "fixed-size lists of strings"),
        (pa.array([0], pa.date32()), r"expected numbers, got dates \(date32\[day\]\); compute its parts by"),
    ],
)
def test_what_cannot_be_said_names_the_feature(array: pa.Array, message: str) -> None:
    with pytest.raises(SchemaError, match=message) as caught:
        from_arrow(array, "age")
    assert caught.value.feature == "age"
    assert caught.value.hint


def test_a_dictionary_inside_lists_has_the_type_of_its_values() -> None:
    words = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2], pa.int8()), pa.array(["a", None, "b"]))
    lists = pa.ListArray.from_arrays([0, 2, 2, 3], words)
    assert column_type(pa.field("x", lists.type)) == ColumnType("string", ragged=True)
    found = from_arrow(lists)
    assert found.values.to_pylist() == ["a", "", "b"]
    assert found.row_splits.tolist() == [0, 2, 2, 3]
