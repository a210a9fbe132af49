import pyarrow as pa
import pytest

from headrace.datasets.parsers.delimited import number_classes, parse_delimited, shuffle_rows
from headrace.errors import SchemaError

SCHEMA = pa.schema(
    [pa.field("x", pa.int64(), nullable=False), pa.field("y", pa.float32()), ("z", pa.string())]
)


def test_quotes_line_ends_missing_values_and_blank_lines():
    data = b'\xef\xbb\xbfx,y,z\r\n1,?,"a ""b"",\nc"\r\n\r\n-2, .5,?\r\n'
    table = parse_delimited(data, "f.csv", SCHEMA, header=["x", "y", "z"], missing=("?",))
    assert table.to_pylist() == [{"x": 1, "y": None, "z": 'a "b",\nc'}, {"x": -2, "y": 0.5, "z": None}]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"1,2\n", r"f\.csv, line 1: expected 3 fields, got 2"),
        (b"1,2,a\n2,3,b,c\n", r"f\.csv, line 2: expected 3 fields, got 4"),
        (b"1,2,a\n\nx,3,b\n", r"f\.csv, line 3: feature 'x': expected int64, got 'x'"),
        (b",2,a\n", "feature 'x': expected int64, got ''"),
        (b"1,2e400x,a\n", "feature 'y': expected float, got '2e400x'"),
        (b'1,2,"a\n', "malformed record"),
        (b"1,2,\xff\n", r"expected text in UTF-8 \(invalid start byte at byte 4\)"),
        (b"1,2," + b"a" * (1 << 20) + b"a\n", "field larger than field limit"),
    ],
)
def test_other_lines_are_one_error_with_their_number(data, message):
    with pytest.raises(SchemaError, match=message):
        parse_delimited(data, "f.csv", SCHEMA)


def test_another_header_is_refused():
    with pytest.raises(SchemaError, match="expected the header x, y, z, got y, x, z"):
        parse_delimited(b"y,x,z\n1,2,3\n", "f.csv", SCHEMA, header=["x", "y", "z"])
    with pytest.raises(SchemaError, match="expected the header x, y, z, got ;"):
        parse_delimited(b"", "f.csv", SCHEMA, header=["x", "y", "z"])


def test_classes_are_numbered():
    table = pa.table({"c": ["no", "yes", "no"], "x": [1, 2, 3]})
    found = number_classes(table, "c", ["no", "yes"], "f.csv")
    assert found.to_pydict() == {"c": [0, 1, 0], "x": [1, 2, 3]}
    assert not found.schema.field("c").nullable
    with pytest.raises(SchemaError, match=r"feature 'c': expected one of no, maybe, got 'yes' in row 1"):
        number_classes(table, "c", ["no", "maybe"], "f.csv")


def test_the_random_order_is_fixed():
    ds = shuffle_rows(pa.table({"x": range(10)}), seed=1)
    assert [row for batch in ds for row in batch["x"].to_pylist()] == [9, 2, 4, 7, 5, 0, 8, 6, 3, 1]
