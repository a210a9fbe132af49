import json

import pyarrow as pa
import pytest

from headrace.data.json_values import from_json, to_json
from headrace.errors import SchemaError

TENSOR = pa.fixed_shape_tensor(pa.uint8(), [2, 3])

COLUMNS = {
    "float32": pa.array([0.1, None, 1e30, -0.0], pa.float32()),
    "float64": pa.array([0.1, None, 1e300]),
    "int64": pa.array([2**63 - 1, -(2**63), None]),
    "uint64": pa.array([2**64 - 1], pa.uint64()),
    "bool": pa.array([True, None, False]),
    "string": pa.array(['a\n"\\\t\x00\x7f', "日本 Straße 😀", None, ""]),
    "plain": pa.array(["a", "b"], pa.large_string()),
    "binary": pa.array([b"\x00\xff", None, b""]),
    "lists": pa.array([[1, 2], None, [], [3, None]]),
    "lists of bytes": pa.array([[b"a"], None, []], pa.list_(pa.binary())),
    "lists of lists": pa.array([[[1], [2, 3]], None, [], [[]]], pa.list_(pa.list_(pa.int64()))),
    "lists of fixed": pa.array([[[1.5, 2], [3, 4]], []], pa.list_(pa.list_(pa.float32(), 2))),
    "fixed": pa.array([[1.5, 2], None, [3, 4]], pa.list_(pa.float32(), 2)),
    "slice": pa.array([[1, 2], [3], None, [4]])[1:],
    "fixed slice": pa.array([[1, 2], [3, 4], [5, 6]], pa.list_(pa.int8(), 2))[1:],
    "tensors": pa.ExtensionArray.from_storage(
        TENSOR, pa.array([list(range(6)), None, list(range(6, 12))], TENSOR.storage_type)
    ),
    "structs": pa.array([{"a": 1, "b": ["x"]}, None, {"a": None, "b": None}]),
    "nothing": pa.array([], pa.list_(pa.int64())),
}


@pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS)
def test_values_round_trip(column: pa.Array) -> None:
    texts = to_json(column)
    assert not texts.null_count
    for text in texts.to_pylist():
        json.loads(text)
    back = from_json(texts, column.type)
    assert back.type == column.type
    assert back.to_pylist() == column.to_pylist()


def test_bytes_tensors_and_nan_have_their_notation() -> None:
    assert to_json(pa.array([b"\xff\xd8"])).to_pylist() == ['{"base64": "/9g="}']
    assert to_json(COLUMNS["tensors"])[0].as_py() == "[[0, 1, 2], [3, 4, 5]]"
    assert to_json(pa.array([float("nan"), 0.5])).to_pylist() == ["null", "0.5"]


@pytest.mark.parametrize(
    "type_",
    [pa.list_(pa.float32()), pa.list_(pa.float16(), 2), pa.fixed_shape_tensor(pa.float64(), [2])],
    ids=str,
)
def test_null_among_floats_is_nan(type_: pa.DataType) -> None:
    storage = type_.storage_type if isinstance(type_, pa.FixedShapeTensorType) else type_
    column = pa.array([[1.5, float("nan")], None], storage).cast(type_)
    texts = to_json(column)
    assert texts.to_pylist() == ["[1.5, null]", "null"]
    back = from_json(texts, type_)
    assert back.type == type_
    assert str(back.to_pylist()) == "[[1.5, nan], None]"


@pytest.mark.parametrize(
    "column",
    [
        pa.array([float("inf")]),
        pa.array([[-float("inf")]]),
        pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
    ],
    ids=str,
)
def test_values_that_json_cannot_represent_are_refused(column: pa.Array) -> None:
    with pytest.raises(SchemaError, match="feature 'x'"):
        to_json(column, "x")


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("[1", pa.list_(pa.int64())),
        ('"a"', pa.int64()),
        ('{"base64": "?"}', pa.binary()),
        ("[1, 2, 3]", pa.list_(pa.int64(), 2)),
        ("[[1, 2], [3]]", pa.fixed_shape_tensor(pa.int64(), [2, 2])),
        ("[null, [1, 2]]", pa.fixed_shape_tensor(pa.int64(), [2, 2])),
        ("1}\n{", pa.int64()),
        ("300", pa.int8()),
    ],
)
def test_texts_that_are_not_of_the_type_are_refused(text: str, type_: pa.DataType) -> None:
    with pytest.raises(SchemaError):
        from_json(pa.array([text]), type_, "x")
