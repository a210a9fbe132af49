"""JSON text of Arrow columns, compared with Python's `json` and with Arrow's own text of numbers."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.data.json_values import to_json, to_json_lines
from headrace.errors import SchemaError

TYPES = (
    pa.float64(),
    pa.float32(),
    pa.float16(),
    pa.int8(),
    pa.uint64(),
    pa.bool_(),
    pa.string(),
    pa.binary(),
)


def values_of(type_: pa.DataType) -> st.SearchStrategy[Any]:
    if pa.types.is_floating(type_):
        return st.floats(allow_infinity=False, width=type_.bit_width)
    if pa.types.is_integer(type_):
        return st.integers(*((-128, 127) if type_ == pa.int8() else (0, 2**64 - 1)))
    if pa.types.is_boolean(type_):
        return st.booleans()
    return st.text(max_size=5) if type_ == pa.string() else st.binary(max_size=5)


def to_text(value: Any, scalar: pa.Scalar) -> str:
    """Write a value by Python's `json`, and numbers as Arrow writes them."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "null"
    if isinstance(value, bytes):
        import base64

        return json.dumps({"base64": base64.b64encode(value).decode()})
    if isinstance(value, float):
        wide = pa.float32() if pa.types.is_float16(scalar.type) else scalar.type
        return scalar.cast(wide).cast(pa.string()).as_py()
    return json.dumps(value, ensure_ascii=False)


@given(st.data(), st.sampled_from(TYPES))
@settings(max_examples=150, deadline=None)
def test_text_is_that_of_pythons_json_with_arrows_numbers(data: st.DataObject, type_: pa.DataType) -> None:
    value = st.none() | values_of(type_)
    lists = data.draw(st.lists(st.none() | st.lists(value, max_size=3), max_size=6))
    column = pa.array(lists, pa.list_(type_))[data.draw(st.integers(0, len(lists))) :]
    expected = [
        "null"
        if row.as_py() is None
        else f"[{', '.join(to_text(each.as_py(), each) for each in row.values)}]"
        for row in column
    ]
    assert to_json(column).to_pylist() == expected
    leaves = column.flatten()
    assert to_json(leaves).to_pylist() == [to_text(each.as_py(), each) for each in leaves]


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1))
@settings(max_examples=100, deadline=None)
def test_numbers_are_written_as_arrow_writes_them(values: list[float]) -> None:
    for type_ in (pa.float32(), pa.float64()):
        near = [each * 10.0**power for each in values for power in (0, -9, -6, 9)]
        with np.errstate(over="ignore"):
            column = pa.array(np.array(near).astype(type_.to_pandas_dtype()))
        finite = column.filter(pa.array(np.isfinite(column.to_numpy())))
        assert to_json(finite).to_pylist() == finite.cast(pa.string()).to_pylist()


@pytest.mark.parametrize("value", [1e-6, 9.999999e-7, 1e10, 9999999999.999998, 1e9, 5e-324, -0.0, 1e-7, 1e30])
def test_exponents_start_where_arrow_starts_them(value: float) -> None:
    for type_ in (pa.float32(), pa.float64()):
        column = pa.array(
            [np.nan_to_num(np.float32(value), posinf=1) if type_ == pa.float32() else value], type_
        )
        assert to_json(column).to_pylist() == column.cast(pa.string()).to_pylist()


def test_dates_dictionaries_and_tensors_in_lists_and_structs() -> None:
    words = pa.array(["a", None, "b"]).dictionary_encode()
    days = pa.array([0, 1, None], pa.int32()).cast(pa.date32())
    lists = pa.ListArray.from_arrays([0, 2, 3], days)
    assert to_json(lists).to_pylist() == ['["1970-01-01", "1970-01-02"]', "[null]"]
    struct = pa.StructArray.from_arrays([words, days], ["word", "day"], mask=pa.array([False, True, False]))
    assert to_json(struct).to_pylist() == [
        '{"word": "a", "day": "1970-01-01"}',
        "null",
        '{"word": "b", "day": null}',
    ]
    assert to_json(pa.array([{}, None], pa.struct([]))).to_pylist() == ["{}", "null"]
    tensors = pa.FixedShapeTensorArray.from_numpy_ndarray(np.arange(12, dtype=np.int8).reshape(2, 3, 2))
    assert to_json(tensors[1:]).to_pylist() == ["[[6, 7], [8, 9], [10, 11]]"]


def test_lines_of_a_slice_escape_their_keys() -> None:
    batch = pa.record_batch({'a "b"\n': [1, 2, 3], "é": ["x", "y\x00", None]})
    expected = ['{"a \\"b\\"\\n": 2, "é": "y\\u0000"}', '{"a \\"b\\"\\n": 3, "é": null}']
    assert to_json_lines(batch[1:]).tobytes().decode().splitlines() == expected
    assert to_json_lines(batch[:0]).tobytes() == b""


def test_infinity_is_refused_with_the_names_of_its_fields() -> None:
    batch = pa.record_batch({"a": [1.0], "b": [{"c": [1.0, math.inf]}]})
    with pytest.raises(SchemaError, match="infinity") as caught:
        to_json_lines(batch)
    assert caught.value.feature == "b.c"
    with pytest.raises(SchemaError) as caught:
        to_json(pa.array([{"c": -math.inf}]), "b")
    assert caught.value.feature == "b.c"
    hidden = pa.StructArray.from_arrays([pa.array([math.inf])], ["c"], mask=pa.array([True]))
    assert to_json(hidden).to_pylist() == ["null"]


def test_a_type_that_json_lacks_is_refused_by_name() -> None:
    with pytest.raises(SchemaError, match="decimal") as caught:
        to_json(pa.array([{"c": 1}], pa.struct([("c", pa.decimal128(5))])), "b")
    assert caught.value.feature == "b.c"
