"""The names of columns in ONNX files: unique, or one clear error."""

import pyarrow as pa
import pytest

from headrace.columns import check_tensor_name, find_column, find_repeated, name_tensors
from headrace.errors import SchemaError


def test_a_list_is_two_tensors() -> None:
    assert name_tensors({"x": False, "words": True, "x.values": False}) == {
        "x": ("x",),
        "words": ("words.values", "words.row_splits"),
        "x.values": ("x.values",),
    }


@pytest.mark.parametrize("other", ["x.values", "x.row_splits"])
@pytest.mark.parametrize("reverse", [False, True])
def test_a_list_x_beside_a_column_x_values(other: str, reverse: bool) -> None:
    columns = {"x": True, other: False}
    if reverse:
        columns = dict(reversed(columns.items()))
    with pytest.raises(SchemaError, match=f"are both named '{other}' in ONNX, where the lists of 'x'"):
        name_tensors(columns)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "a column has an empty name"),
        ("a\0b", r"feature 'a\\x00b': the name contains a NUL"),
        ("\ud800", "the name is not valid Unicode"),
    ],
)
def test_names_that_onnx_cannot_hold(name: str, message: str) -> None:
    with pytest.raises(SchemaError, match=message) as raised:
        check_tensor_name(name)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["a b", "größe", "日本", "😀", "a\nb", "class", "1st", "x" * 100_000])
def test_names_of_any_characters(name: str) -> None:
    check_tensor_name(name)


def test_duplicate_column_names() -> None:
    schema = pa.schema([("x", pa.int64()), ("y", pa.int64()), ("x", pa.int64())])
    assert find_repeated(schema.names) == "x"
    assert find_repeated(["x", "y"]) is None
    assert (find_column(schema, "y"), find_column(schema, "z")) == (1, -1)
    with pytest.raises(SchemaError, match="feature 'x': two columns have this name"):
        find_column(schema, "x")
