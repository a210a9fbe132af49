import warnings
from pathlib import Path

import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.errors import SchemaError, UsageError


@pytest.mark.parametrize(
    ("values", "type_", "expected"),
    [
        (["1", "-2", " 3"], pa.int64(), [1, -2, 3]),
        (["1", "", "3"], pa.float64(), [1.0, None, 3.0]),
        (["1", "2.5", "3e2"], pa.float64(), [1.0, 2.5, 300.0]),
        (["1", "NA", "2"], pa.float64(), [1.0, None, 2.0]),
        (["true", "False", "TRUE"], pa.bool_(), [True, False, True]),
        (["true", "", "false"], pa.string(), ["true", "", "false"]),
        (["1", "x", ""], pa.string(), ["1", "x", ""]),
        (["true", "1"], pa.string(), ["true", "1"]),
        (["NA", "cat"], pa.string(), ["NA", "cat"]),
        (["2020-01-02", "2021-03-04"], pa.string(), ["2020-01-02", "2021-03-04"]),
        (["", ""], pa.string(), ["", ""]),
        (["0x10", "0x11"], pa.string(), ["0x10", "0x11"]),
        (['"a,b"', '"say ""x"""', '"two\nlines"'], pa.string(), ["a,b", 'say "x"', "two\nlines"]),
    ],
)
def test_a_columns_type_fits_all_of_its_values(csv, table, values, type_, expected):
    found = table(csv("id,x\n" + "".join(f"{k},{value}\n" for k, value in enumerate(values))))
    assert found.schema.field("x").type == type_
    assert found["x"].to_pylist() == expected


def test_a_column_that_turns_from_integer_to_float_late_is_float(csv):
    integers = "".join(
        f"{k},abcdefghijklmnopqrstuvwxyz\n" for k in range(200_000)
    )  # more than one parsed block
    path = csv("x,pad\n" + integers + "0.5,z\n")
    ds = Dataset.from_csv(path)
    assert ds.schema.field("x").type == pa.float64()
    assert ds.num_rows == sum(batch.num_rows for batch in ds) == 200_001


def test_gzip_is_read_by_name(csv, table):
    assert table(csv("a,b\n1,x\n", "a.csv.gz")).to_pylist() == [{"a": 1, "b": "x"}]


def test_a_declared_schema_chooses_columns_and_types(csv, table):
    schema = pa.schema([("c", pa.string()), ("a", pa.float32())])
    found = table(csv("a,b,c\n1,2,3\n,5,\n"), schema)
    assert found.schema == schema
    assert found.to_pydict() == {"c": ["3", ""], "a": [1.0, None]}


def test_several_files_are_one_stream(csv, table):
    csv("a\n1\n", "p-1.csv")
    path = csv("a\n2.5\n", "p-2.csv")
    assert table(path.parent / "p-*.csv")["a"].to_pylist() == [1.0, 2.5]
    csv("b\n2.5\n", "p-3.csv")
    with pytest.raises(
        SchemaError, match=r"p-3.csv: expected the columns of .*p-1.csv, \['a'\], got \['b'\]"
    ):
        table(path.parent / "p-*.csv")


def test_a_header_alone_yields_no_rows(csv, table):
    assert table(csv("a,b\n")).num_rows == 0


@pytest.mark.parametrize(
    ("text", "schema", "feature", "message"),
    [
        ("a,b\n1,2\n1,2,3\n", None, None, "a.csv, line 3: expected 2 fields, as many as columns, got 3"),
        (
            "a,a\n1,2\n",
            None,
            "a",
            "two columns have this name; rename one, read other columns, or pass header=False",
        ),
        ("", None, None, "the file is empty"),
        (b"a,b\n1,caf\xe9\n", None, "b", 'line 2: .*expected UTF-8, got byte 0xe9; pass encoding="latin-1"'),
        (
            "a,b\n1,2\n2,3.5\n",
            {"b": pa.int64()},
            "b",
            r"line 3: .*expected values of type int64 \(invalid value '3.5'\); declare",
        ),
        (
            "label,b\n1,2\n",
            {"lable": pa.int64()},
            "lable",
            r"the file lacks this column; did you mean 'label'\?",
        ),
        ('a\n1\n""\n', {"a": (pa.int64(), False)}, "a", "line 3: .*a required column has 1 empty fields"),
    ],
)
def test_errors_name_file_and_column_with_a_hint(csv, table, text, schema, feature, message):
    fields = [(n, *(t if isinstance(t, tuple) else (t,))) for n, t in (schema or {}).items()]
    path = csv(text)
    with pytest.raises(SchemaError, match=message) as caught:
        table(path, pa.schema([pa.field(*field) for field in fields]) if schema else None)
    assert caught.value.path == str(path)
    assert caught.value.feature == feature
    assert "\n" not in str(caught.value)


def test_a_missing_file_gets_suggestions(csv):
    path = csv("a\n1\n", "houses.csv")
    with pytest.raises(UsageError, match=r"hosues.csv: no such file; did you mean 'houses.csv'\?"):
        Dataset.from_csv(path.with_name("hosues.csv"))
    with pytest.raises(UsageError, match=r"no file matches"):
        Dataset.from_csv(path.with_name("*.tsv"))
    with pytest.raises(UsageError, match=r"expected a file, got a folder"):
        Dataset.from_csv(path.parent)
    with pytest.raises(UsageError, match=r"got an empty list"):
        Dataset.from_csv([])


def test_a_gz_that_is_not_gzip_is_named(tmp_path, table):
    (tmp_path / "a.csv.gz").write_text("a\n1\n")
    with pytest.raises(UsageError, match=r"a.csv.gz: cannot read the file"):
        table(tmp_path / "a.csv.gz")


def test_a_file_of_one_column_keeps_its_missing_values(csv, table):
    assert table(csv("a\n1\n\n3\n\n"))["a"].to_pylist() == [1, None, 3, None]
    assert table(csv("a\r\n\r\nx\r\n"))["a"].to_pylist() == ["", "x"]
    assert table(csv('a\n""\n2'))["a"].to_pylist() == [None, 2]


def test_blank_lines_between_records_of_several_columns_are_skipped(csv, table):
    assert table(csv("\na,b\n\n1,2\n\r\n3,4\n\n")).to_pydict() == {"a": [1, 3], "b": [2, 4]}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
def test_lines_end_in_any_way(csv, table, end):
    text = f'a,b{end or chr(10)}1,"x{end}y"{end or chr(10)}2,z{end}'
    assert table(csv(text)).to_pydict() == {"a": [1, 2], "b": [f"x{end}y", "z"]}


def test_types_declares_single_columns(csv, table):
    path = csv("zip,age,name\n01234,7,a\n12345,8,b\n")
    found = table(path, types={"zip": "int32", "name": pa.large_string(), "age": float})
    assert found.schema == pa.schema(
        [("zip", pa.int32()), ("age", pa.float64()), ("name", pa.large_string())]
    )
    assert found.to_pylist()[0] == {"zip": 1234, "age": 7.0, "name": "a"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"types": {"zpi": "string"}}, r"feature 'zpi': the file lacks this column; did you mean 'zip'\?"),
        ({"types": {"zip": "text"}}, r"types\['zip'\]: expected an Arrow type or its name, got 'text'; pass"),
        ({"types": "string"}, "types: expected a mapping, got 'string'; pass {column: type, ...}"),
        ({"types": {"zip": str}, "schema": pa.schema([("zip", pa.string())])}, "both schema= and types="),
        ({"delimiter": ";;"}, "delimiter: expected one ASCII character, got ';;'"),
        ({"delimiter": '"'}, "delimiter: expected one ASCII character"),
        ({"header": "zip"}, "header: expected True, False or the names of the columns, got 'zip'"),
        ({"header": ["zip", "zip"]}, "header: expected distinct names"),
        ({"encoding": "utf-9"}, "encoding: expected an encoding of text, got 'utf-9'"),
        ({"encoding": "base64"}, "encoding: expected an encoding of text, got 'base64'"),
    ],
)
def test_arguments_are_checked(csv, table, arguments, message):
    with pytest.raises((UsageError, SchemaError), match=message):
        table(csv("zip\n01234\n"), **arguments)


def test_parts_and_selections_read_as_the_whole_does(csv):
    csv("a;b\n1;x\n", "p-1.csv")
    path = csv("a;b\n0.5;y\n", "p-2.csv")
    ds = Dataset.from_csv(path.parent / "p-*.csv")
    with pytest.warns(UserWarning, match=r"p-1.csv: found delimiter ';'; pass delimiter= to set it"):
        assert ds.num_rows == 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parts = [row for part in ds.source.divide() for batch in part.read() for row in batch.to_pylist()]
        assert parts == [row for batch in ds for row in batch.to_pylist()]
        assert [batch.to_pydict() for batch in ds.select("a")] == [{"a": [1.0]}, {"a": [0.5]}]


def test_ten_thousand_columns_take_linear_time(csv, table):
    """Code that is quadratic in columns takes minutes here."""
    names = [f"c{number}" for number in range(10_000)]
    found = table(csv(",".join(names) + "\n" + ",".join(["1"] * len(names)) + "\n"))
    assert found.column_names == names
    assert found.num_rows == 1


def test_columns_of_the_same_name_that_nothing_reads_do_not_stop_a_run(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,x,x,b\n1,2,3,4\n5,6,seven,8\n")
    expected = {"b": [4, 8], "a": [1, 5]}
    for ds in (
        Dataset.from_csv(path, columns=["b", "a"]),
        Dataset.from_csv(path, schema=pa.schema([("b", pa.int64()), ("a", pa.int64())])),
    ):
        assert pa.Table.from_batches(list(ds)).to_pydict() == expected
    with pytest.raises(SchemaError, match="'x': two columns have this name"):
        list(Dataset.from_csv(path, columns=["a", "x"]))
