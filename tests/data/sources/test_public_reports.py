"""Files from public reports about other readers: each has its right value here, or one line."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.errors import HeadraceError

CSV: dict[str, tuple[str, dict[str, Any], dict[str, list[Any]]]] = {
    "arrow#49003": ("data\n10E-617\n", {}, {"data": [0.0]}),
    "arrow#2883": ("a;b\n\n1;2\n", {}, {"a": [1], "b": [2]}),
    "pandas#56135": ("a;b\n 1;12\n 2;\n 3;1582218195625938945\n", {}, {"b": [12, None, 1582218195625938945]}),
    "pandas#5697": ("x\n\n1111111111111111111", {}, {"x": [None, 1111111111111111111]}),
    "pandas#34120": ("test;\nTrue;\n;\n", {}, {"test": ["True", ""]}),
    "pandas#66327": ("a\nnan\n18446744073709551615\n1\n", {}, {"a": [None, 18446744073709551615, 1]}),
    "pandas#24681": ("w,n\nn/a,1\nnull,2\ntest,3\n", {}, {"w": ["n/a", "null", "test"]}),
    "OasisLMF#307": ("c,n\nNA,1\nNC,2\n", {}, {"c": ["NA", "NC"]}),
    "polars#22395": ('1,2"3\n4,5', {"header": False}, {"column_1": [1, 4], "column_2": ['2"3', "5"]}),
    "polars#22583": ('x\n"1\n2"\n3', {}, {"x": ["1\n2", "3"]}),
    "polars#21519": ('a,b\nv,abc"\nw,random\n', {"columns": ["a"]}, {"a": ["v", "w"]}),
    "polars#19535": ('"a\nb"\n0', {}, {"a\nb": [0]}),
    "polars#4171": ('a,b\n1,"\n T"\n2,"B \n"\n', {}, {"a": [1, 2], "b": ["\n T", "B \n"]}),
    "data-validation#13": ('a,b\n"x\ny",1\n', {}, {"a": ["x\ny"], "b": [1]}),
    "data-validation#51": ("a,b\n1,x\n?,?\n", {}, {"a": ["1", "?"], "b": ["x", "?"]}),
    "data-validation#95": ("a,b\n1,x\n,y\n", {}, {"a": [1.0, None]}),
    "tfx#2802": ("i,s,l\n0,A B,0\n9,,\n", {}, {"i": [0, 9], "s": ["A B", ""], "l": [0.0, None]}),
}
CSV_ERRORS: dict[str, tuple[str, dict[str, Any], str]] = {
    "arrow#11702": ("a,b\n1,2\n3\n", {}, "line 3: expected 2 fields, as many as columns, got 1"),
    "arrow#43210": (
        "a,b\n,y\n",
        {"schema": pa.schema([pa.field("a", pa.int64(), False), ("b", pa.string())])},
        "line 2: feature 'a': a required column has 1 empty fields",
    ),
    "pandas#5664": ("1,1,1,1,0\n\n", {"header": ["a", "b", "c", "d"]}, "line 1: expected 4 fields"),
    "pandas#38830": (
        "#meta\nDate,Time,x\n2020,10:00,1\n",
        {},
        "line 2: expected 1 field, as many as columns, got 3; remove the lines above the header, quote a",
    ),
    "duckdb#14117": (
        "id,name\n1,Alice, Doe\n",
        {},
        "line 2: expected 2 fields, as many as columns, got 3; quote a field that holds ','",
    ),
    "datatable#3205": (
        '0\t"weird al" y\t1\n',
        {"delimiter": "\t"},
        "expected a delimiter after a quoted field",
    ),
}
JSON: dict[str, tuple[list[str], dict[str, list[Any]]]] = {
    "datasets#7222": (['{"a":null}\n' * 5 + '{"a":"x"}\n'], {"a": [None] * 5 + ["x"]}),
    "course#692": (
        ['{"a":{"m":null}}\n{"a":{"m":"2020-01-01T00:00:00Z"}}\n'],
        {"a": [{"m": None}, {"m": "2020-01-01T00:00:00Z"}]},
    ),
    "datasets#7092": (
        ['{"a":[]}\n', '{"a":[{"id":1,"s":{"f":"x"}}]}\n'],
        {"a": [[], [{"id": 1, "s": {"f": "x"}}]]},
    ),
    "datasets#7059": (['{"b":[null,[[1,2]],[[3]]]}\n'], {"b": [[None, [[1, 2]], [[3]]]]}),
    "datasets#5596": (
        ['{"e":[{"t":"a"}]}\n{"e":[{"t":"b","l":["x"]}]}\n'],
        {"e": [[{"t": "a", "l": None}], [{"t": "b", "l": ["x"]}]]},
    ),
    "polars#22807": (['{"a":[]}\n' * 3 + '{"a":[{"b":[]}]}\n'], {"a": [[], [], [], [{"b": []}]]}),
    "polars#7382": (
        ['{"l":[]}\n{"l":[{"f":"a"}]}\n{"l":[{"f":"a","g":"b"}]}\n{}\n'],
        {"l": [[], [{"f": "a", "g": None}], [{"f": "a", "g": "b"}], None]},
    ),
    "polars#12882": (
        ['{"k":[1,2]}\n' * 2 + '{"l":[1,2]}\n' * 2],
        {"k": [[1, 2]] * 2 + [None] * 2, "l": [None] * 2 + [[1, 2]] * 2},
    ),
    "polars#11496": (['{"h":["a"]}\n{"h":[null]}\n{"h":[]}\n'], {"h": [["a"], [None], []]}),
    "polars#6807": (['{"m":{}}\n{"m":{"x":1}}\n{"m":null}\n'], {"m": [{"x": None}, {"x": 1}, None]}),
    "polars#6148": (['{"a":1,"b":{}}\n'], {"a": [1], "b": [{}]}),
}
JSON_ERRORS = {
    "datasets#7869": (
        '{"a":[{"k":0},{"k":"t"}]}\n',
        "line 1: feature 'a.k': expected int64 as in line 1, got string",
    ),
    "datasets#6460": (
        '{"n":[[[0,4,"B"]]]}\n',
        "line 1: feature 'n': expected int64 as in line 1, got string",
    ),
    "datasets#5827": (
        '{"n":1}\n{"n":"Nan"}\n',
        "line 2: feature 'n': expected int64 as in line 1, got string",
    ),
    "polars#16911": ('[["2024",-0.5],["2024",0.4]]', "line 1: expected an object"),
}


def read_csv(text: str, folder: Path, **options: Any) -> Dataset:
    (folder / "a.csv").write_text(text, newline="")
    return Dataset.from_csv(folder / "a.csv", **options)


def to_columns(ds: Dataset) -> dict[str, list[Any]]:
    return pa.Table.from_batches(list(ds), ds.schema).to_pydict()


@pytest.mark.filterwarnings("ignore:.*found delimiter")
@pytest.mark.parametrize("report", CSV)
def test_csv_files_have_their_values(report: str, tmp_path: Path) -> None:
    text, options, expected = CSV[report]
    ds = read_csv(text, tmp_path, **options)
    found = to_columns(ds)
    assert {name: found[name] for name in expected} == expected
    assert ds.num_rows in (None, len(next(iter(expected.values()))))


@pytest.mark.parametrize("report", CSV_ERRORS)
def test_csv_files_that_do_not_fit_are_refused_with_their_line(report: str, tmp_path: Path) -> None:
    text, options, expected = CSV_ERRORS[report]
    with pytest.raises(HeadraceError) as caught:
        list(read_csv(text, tmp_path, **options))
    assert f"a.csv, {expected}" in str(caught.value) or expected in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("report", JSON)
def test_json_lines_have_their_values(report: str, tmp_path: Path) -> None:
    texts, expected = JSON[report]
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.jsonl").write_text(text)
    assert to_columns(Dataset.from_json_lines(tmp_path / "*.jsonl")) == expected


@pytest.mark.parametrize("report", JSON_ERRORS)
def test_json_lines_of_mixed_types_are_refused_with_their_line(report: str, tmp_path: Path) -> None:
    text, expected = JSON_ERRORS[report]
    (tmp_path / "a.jsonl").write_text(text)
    with pytest.raises(HeadraceError) as caught:
        list(Dataset.from_json_lines(tmp_path / "a.jsonl"))
    assert f"a.jsonl, {expected}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_polars_18244_declared_types_of_lists_are_kept(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"s":null,"i":null}\n')
    schema = pa.schema({"s": pa.list_(pa.string()), "i": pa.list_(pa.int32())})
    ds = Dataset.from_json_lines(tmp_path / "a.jsonl", schema=schema)
    assert ds.schema == schema
    assert to_columns(ds) == {"s": [None], "i": [None]}


def test_arrow_7835_a_line_of_nine_megabytes_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"a":"' + "q" * 9_000_000 + '"}\n{"a":"x"}\n')
    (tmp_path / "a.csv").write_text("a\n" + "q" * 9_000_000 + "\nx\n")
    for ds in (Dataset.from_json_lines(tmp_path / "a.jsonl"), Dataset.from_csv(tmp_path / "a.csv")):
        assert [len(value) for value in to_columns(ds)["a"]] == [9_000_000, 1]


def test_pandas_59009_line_breaks_in_fields_cut_no_row_at_the_end_of_a_block(tmp_path: Path) -> None:
    rows = 60_000
    text = "a,b\n" + "".join(f'{row},"x\n{"y" * 90}"\n' for row in range(rows))
    assert to_columns(read_csv(text, tmp_path))["a"] == [*range(rows)]
