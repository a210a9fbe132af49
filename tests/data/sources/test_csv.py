import gzip

import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.errors import SchemaError, UsageError


@pytest.fixture
def csv(tmp_path):
    def write(text, name="a.csv"):
        path = tmp_path / name
        data = text if isinstance(text, bytes) else text.encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return write


def table(path, schema=None):
    ds = Dataset.from_csv(path, schema)
    return pa.Table.from_batches(list(ds), ds.schema)


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
def test_a_columns_type_fits_all_of_its_values(csv, values, type_, expected):
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


def test_gzip_is_read_by_name(csv):
    assert table(csv("a,b\n1,x\n", "a.csv.gz")).to_pylist() == [{"a": 1, "b": "x"}]


def test_a_declared_schema_chooses_columns_and_types(csv):
    schema = pa.schema([("c", pa.string()), ("a", pa.float32())])
    found = table(csv("a,b,c\n1,2,3\n,5,\n"), schema)
    assert found.schema == schema
    assert found.to_pydict() == {"c": ["3", ""], "a": [1.0, None]}


def test_several_files_are_one_stream(csv):
    csv("a\n1\n", "p-1.csv")
    path = csv("a\n2.5\n", "p-2.csv")
    assert table(path.parent / "p-*.csv")["a"].to_pylist() == [1.0, 2.5]
    csv("b\n2.5\n", "p-3.csv")
    with pytest.raises(
        SchemaError, match=r"p-3.csv: expected the columns of .*p-1.csv, \['a'\], got \['b'\]"
    ):
        table(path.parent / "p-*.csv")


def test_a_header_alone_yields_no_rows(csv):
    assert table(csv("a,b\n")).num_rows == 0


@pytest.mark.parametrize(
    ("text", "schema", "feature", "message"),
    [
        ("a,b\n1,2\n1,2,3\n", None, None, r"Expected 2 columns, got 3"),
        ("a,a\n1,2\n", None, "a", "two columns have this name; rename one"),
        ("", None, None, "Empty CSV file"),
        (b"a,b\n1,caf\xe9\n", None, "b", "UTF8 data.*; save the file as UTF-8"),
        (
            "a,b\n1,2\n2,3.5\n",
            {"b": pa.int64()},
            "b",
            r"expected values of type int64 \(invalid value '3.5'\); declare",
        ),
        (
            "label,b\n1,2\n",
            {"lable": pa.int64()},
            "lable",
            r"the file lacks this column; did you mean 'label'\?",
        ),
        ('a\n1\n""\n', {"a": (pa.int64(), False)}, "a", "a required column has 1 empty fields"),
    ],
)
def test_errors_name_file_and_column_with_a_hint(csv, text, schema, feature, message):
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


def test_a_gz_that_is_not_gzip_is_named(tmp_path):
    (tmp_path / "a.csv.gz").write_text("a\n1\n")
    with pytest.raises(UsageError, match=r"a.csv.gz: cannot read the file"):
        table(tmp_path / "a.csv.gz")
