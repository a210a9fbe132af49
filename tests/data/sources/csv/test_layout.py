"""Delimiter and header are found, and a warning says what was found; what cannot be known is an error."""

import gzip
import warnings

import pyarrow as pa
import pytest

from headrace.data.sources import CsvSource
from headrace.data.sources.csv.decode import TextReader
from headrace.errors import SchemaError


@pytest.mark.parametrize(
    ("text", "delimiter", "rows"),
    [
        ("a;b\n1;2,5\n", ";", [(1, "2,5")]),
        ("a\tb\n1\tx, y\n", r"\\t", [(1, "x, y")]),
        ("a|b\n1|x;y\n", "|", [(1, "x;y")]),
        ("sep=;\na;b\n1;2\n", ";", [(1, 2)]),
        ('"a;x";b\n"1,2";3\n', ";", [("1,2", 3)]),
        ("a,x;b;c\n1;2;3\n", ";", [(1, 2, 3)]),
        ('a;b\n"x\n,";2\n', ";", [("x\n,", 2)]),
    ],
)
def test_a_delimiter_is_sniffed_and_said(csv, table, text, delimiter, rows):
    with pytest.warns(UserWarning, match=rf"a.csv: found delimiter '{delimiter}'; pass delimiter= to set it"):
        found = table(csv(text))
    assert [tuple(row.values()) for row in found.to_pylist()] == rows


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a,b\n1,2\n", ["a", "b"]),
        ("text\nhello; you\n", ["text"]),
        ("a,b;c\nx,1\n", ["a", "b;c"]),
        ('"a;b"\n1\n', ["a;b"]),
        (",a\n0,1\n", ["", "a"]),
        ("a", ["a"]),
        ('"0","1"\n5,6\n', ["0", "1"]),
        ('"0"\n', ["0"]),
    ],
)
def test_commas_and_a_header_are_not_mentioned(csv, table, text, names):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert table(csv(text)).column_names == names


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("1,2\n3,4\n", [(1, 2), (3, 4)]),
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n", [(5.1, 3.5, "setosa"), (4.9, 3.0, "setosa")]),
        ("0.5,,NA\n1,2,3\n", [(0.5, None, None), (1.0, 2.0, 3.0)]),
        ("7", [(7,)]),
        ("-1\n2\n", [(-1,), (2,)]),
    ],
)
def test_no_header_is_sniffed_and_said(csv, table, text, rows):
    with pytest.warns(UserWarning, match=r"a.csv: found no header line; pass header= to set it"):
        found = table(csv(text))
    assert [tuple(row.values()) for row in found.to_pylist()] == rows
    assert found.column_names == [f"column_{number}" for number in range(1, len(rows[0]) + 1)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "country,2019,2020\nFrance,1,2\n",
            "a header or a row: it holds the number 2019; pass header=True or",
        ),
        ("3,Wall St\n4,Main St\n", "a header or a row: it holds the number 3"),
        ("0,1,2\n5,6,7\n", "a header or a row"),
        (",0,1\n0,5,6\n", "a header or a row"),
        ('"1","2"\n"3","4"\n', "a header or a row"),
        ("2019\nx\n", "a header or a row"),
        (
            "last, first;age\nSmith, J;30\n",
            "may be ',' or ';': each divides all lines evenly; pass delimiter=',' or ';'",
        ),
        ("a;b|c\n1;2|3\n", "may be ';' or '|'"),
    ],
)
def test_what_may_be_either_is_an_error(csv, table, text, message):
    with pytest.raises(SchemaError, match=rf"a.csv, line 1: .*{message}"):
        table(csv(text))


@pytest.mark.parametrize(
    ("header", "names", "rows"),
    [(True, ["0", "1"], 1), (False, ["column_1", "column_2"], 2), (["x", "y"], ["x", "y"], 2)],
)
def test_header_and_delimiter_can_be_passed(csv, table, header, names, rows):
    found = table(csv("0;1\n2;3\n"), header=header, delimiter=";")
    assert (found.column_names, found.num_rows) == (names, rows)


def test_a_tab_can_be_named(csv, table):
    assert table(csv("a\tb\n1\t2\n"), delimiter="tab").to_pylist() == [{"a": 1, "b": 2}]


def test_a_row_with_another_number_of_fields_is_named_under_a_sniffed_delimiter_too(csv, table):
    with (
        pytest.raises(
            SchemaError, match=r"line 2: expected 3 fields, as many as columns, got 2; .* delimiter="
        ),
        pytest.warns(UserWarning, match=r"found delimiter ';'"),
    ):
        table(csv("a;b;c\n1;2\n"))


def test_files_without_a_header_have_as_many_columns_as_the_first(csv, table):
    csv("1,2\n", "p-1.csv")
    path = csv("x,3\n", "p-2.csv")
    with pytest.warns(UserWarning, match=r"no header line"):
        assert table(path.parent / "p-*.csv").to_pydict() == {"column_1": ["1", "x"], "column_2": [2, 3]}
    csv("x\n", "p-3.csv")
    with pytest.raises(SchemaError, match=r"p-3.csv, line 1: expected 2 fields"):
        table(path.parent / "p-*.csv", header=False)


def test_a_header_above_four_mib_is_read(csv, table):
    names = [f"{number:0>100}x" for number in range(45_000)]
    text = ",".join(names) + "\n" + ",".join(["1"] * len(names)) + "\n"
    assert len(text) > 4 << 20
    assert table(csv(text), columns=names[:2]).to_pylist() == [dict.fromkeys(names[:2], 1)]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
            "a git-lfs pointer, not the file",
        ),
        (b"<!DOCTYPE html>\n<html></html>\n", "a web page"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "a gzip file; decompress it first"),
        (b"PAR1" + bytes(9), "a Parquet file"),
        (b"PK\x03\x04" + bytes(9), "a zip archive"),
        (b'{"a": 1}\n{"a": 2}\n', "a JSON document"),
    ],
)
def test_a_git_lfs_pointer_and_other_files_are_refused(csv, table, data, message):
    with pytest.raises(SchemaError, match=f"a.csv: expected a CSV file, got {message}"):
        table(csv(data))


@pytest.mark.filterwarnings("ignore:.*found encoding")
@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"\r\n", "\ufeff".encode(), b"sep=;\n", "\n".encode("utf-16")]
)
def test_an_empty_file_is_refused_with_a_header_and_has_no_rows_with_names(csv, table, data):
    with pytest.raises(
        SchemaError, match=r"a.csv: the file is empty; write a line with the names of the columns"
    ):
        table(csv(data))
    assert table(csv(data), header=["x", "y"]).to_pydict() == {"x": [], "y": []}


def test_a_schema_names_the_columns_of_a_file_without_a_header(csv, table):
    schema = pa.schema([("x", pa.int32()), ("y", pa.string())])
    for header in (False, None):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = table(csv("1,2\n3,4\n"), schema, header=header)
        assert found.schema == schema
        assert found.to_pydict() == {"x": [1, 3], "y": ["2", "4"]}
    with pytest.raises(
        SchemaError, match=r"the file lacks this column; choose among: column_1, column_2, column_3"
    ):
        table(csv("1,2,3\n"), schema, header=False)


@pytest.mark.parametrize("arguments", [{"columns": ["2019"]}, {"types": {"2020": "string", "country": str}}])
def test_a_line_that_holds_the_names_that_are_passed_is_a_header(csv, table, arguments):
    path = csv("country,2019,2020\nFrance,1,2\n")
    assert table(path, **arguments).num_rows == 1
    assert table(path, pa.schema([("2020", pa.int64())])).to_pydict() == {"2020": [2]}


def test_a_quoted_header_is_found_without_reading_the_whole_file(csv, monkeypatch) -> None:
    read, sizes = TextReader.read, []

    def count(reader: TextReader, size: int) -> bytes:
        data = read(reader, size)
        sizes.append(len(data))
        return data

    source = CsvSource.from_paths(csv('"a","b"\n' + "1,2\n" * 500_000))
    monkeypatch.setattr(TextReader, "read", count)
    assert source.names == ("a", "b")
    assert sum(sizes) < 1 << 19
