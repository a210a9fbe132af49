"""Polars, Arrow's PyCapsule interface, dicts, lists of dicts, masked arrays: one conversion."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
import torch
from pyarrow import dataset

import headrace as hr
from headrace.errors import SchemaError, UsageError
from headrace.tables import to_array, to_table


class Stream:
    """An object of another library, with `__arrow_c_stream__` only."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


class Array:
    """An object of another library, with `__arrow_c_array__` only."""

    def __init__(self, batch: Any) -> None:
        self._batch = batch

    def __arrow_c_array__(self, requested_schema: object = None) -> object:
        return self._batch.__arrow_c_array__(requested_schema)


COLUMNS = {"s": ["a", None, "a"], "i": [1, 2, 3], "f": [0.5, None, 2.0]}
TABLE = pa.table(COLUMNS)
FORMS = {
    "Table": lambda: TABLE,
    "RecordBatch": lambda: TABLE.to_batches()[0],
    "RecordBatchReader": TABLE.to_reader,
    "StructArray": lambda: TABLE.to_struct_array().combine_chunks(),
    "batches": TABLE.to_batches,
    "tables": lambda: [TABLE.slice(0, 1), TABLE.slice(1)],
    "Polars": lambda: pl.DataFrame(COLUMNS),
    "frames of Polars": lambda: [pl.DataFrame(COLUMNS)],
    "pandas": lambda: pl.DataFrame(COLUMNS).to_pandas(),
    "dict": lambda: COLUMNS,
    "dict of arrays": lambda: {"s": pl.Series(COLUMNS["s"]), "i": np.array([1, 2, 3]), "f": TABLE["f"]},
    "list of dicts": TABLE.to_pylist,
    "__arrow_c_stream__": lambda: Stream(TABLE),
    "__arrow_c_array__": lambda: Array(TABLE.to_batches()[0]),
}
each_form = pytest.mark.parametrize("form", FORMS)


def preprocess(x: Any) -> dict[str, Any]:
    t = hr.transform
    return {"s": t.compute_and_apply_vocabulary(x["s"]), "i": x["i"] + 1, "f": t.scale_to_0_1(x["f"])}


@each_form
def test_from_arrow_from_arrays_and_from_pandas_accept_it(form: str) -> None:
    for read in (hr.Dataset.from_arrow, hr.Dataset.from_arrays, hr.Dataset.from_pandas):
        found = [row for batch in read(FORMS[form]()) for row in batch.to_pylist()]
        assert found == TABLE.to_pylist()


@each_form
def test_analyze_and_transform_accept_it(form: str) -> None:
    transform = hr.transform.analyze(preprocess, FORMS[form]())
    assert str(transform.statistics) == "{'s': ['a'], 'min(f)': array(0.5), 'max(f)': array(2.)}"
    if form not in ("batches", "tables", "frames of Polars"):
        found = transform(FORMS[form]())
        assert str(found.to_pydict()) == "{'s': [0, -1, 0], 'i': [2, 3, 4], 'f': [0.0, nan, 1.0]}"


@each_form
def test_layers_adapt_to_it_and_refuse_several_columns(form: str) -> None:
    with pytest.raises(SchemaError, match="expected one column, got s, i, f; select one"):
        hr.layers.StringLookup().adapt(FORMS[form]())


def test_every_type_of_polars() -> None:
    frame = pl.DataFrame(
        {
            "category": pl.Series(["x", None], dtype=pl.Categorical),
            "enum": pl.Series(["u", "v"], dtype=pl.Enum(["v", "u"])),
            "list": [["a", None], []],
            "array": pl.Series([[1, 2], [3, 4]], dtype=pl.Array(pl.Int64, 2)),
            "struct": [{"x": "a"}, {"x": None}],
            "bytes": [b"\xff", None],
            "NaN": [float("nan"), None],
            "zoned": pl.Series([dt.datetime(2020, 1, 1)] * 2).dt.replace_time_zone("Asia/Tokyo"),
            "u64": pl.Series([2**64 - 1, None], dtype=pl.UInt64),
        }
    )
    ds = hr.Dataset.from_arrow(frame)
    types = {field.name: str(field.type) for field in ds.schema}
    assert types["category"] == "dictionary<values=string, indices=int32, ordered=0>"
    assert (types["list"], types["bytes"], types["u64"]) == ("list<item: string>", "binary", "uint64")
    (batch,) = ds
    found = batch.to_pydict()
    assert found["enum"] == ["u", "v"]
    assert found["array"] == [[1, 2], [3, 4]]
    assert found["struct"] == [{"x": "a"}, {"x": None}]
    assert str(found["NaN"]) == "[nan, None]"  # NaN is a number that is not missing
    assert found["u64"] == [2**64 - 1, None]
    with pytest.raises(UsageError, match=r"got a LazyFrame of Polars; pass frame.collect\(\)"):
        hr.Dataset.from_arrow(frame.lazy())
    with pytest.raises(SchemaError, match="'o': Arrow has no type for Object; cast the column"):
        hr.Dataset.from_arrow(pl.DataFrame({"o": pl.Series([object()], dtype=pl.Object)}))
    with pytest.raises(SchemaError, match=r"'i': a DataFrame cannot be converted .*; cast the column"):
        hr.Dataset.from_arrow(pl.DataFrame({"a": [1], "i": pl.Series([1], dtype=pl.Int128)}))
    with pytest.raises(SchemaError, match=r"a DataFrame cannot be converted .*_pli128"):
        hr.Dataset.from_arrow(pl.DataFrame({"i": pl.Series([1]).cast(pl.Int128)}))


def test_masked_arrays_keep_their_mask() -> None:
    mask = [False, True, False]
    columns = {
        "int": np.ma.array([1, 2, 3], mask=mask),
        "float": np.ma.array([1.0, 2.0, np.nan], mask=mask),
        "bool": np.ma.array([True, False, True], mask=mask),
        "string": np.ma.array(["a", "b", "c"], mask=mask),
        "object": np.ma.array(["a", 5, None], mask=mask, dtype=object),
        "date": np.ma.array(np.array(["2020", "2021", "NaT"], "M8[D]"), mask=mask),
        "rows": np.ma.array([[1, 2], [3, 4], [5, 6]], mask=[[0, 1], [1, 1], [0, 0]]),
        "list": [np.ma.array([1, 2], mask=[1, 0]), None, np.ma.array([3])],
        "values": [1, np.ma.masked, 3],
        "no mask": np.ma.array([1, 2, 3]),
    }
    (batch,) = hr.Dataset.from_arrays(columns)
    found = batch.to_pydict()
    assert found["int"] == found["values"] == [1, None, 3]
    assert str(found["float"]) == "[1.0, None, nan]"
    assert found["bool"] == [True, None, True]
    assert found["string"] == ["a", None, "c"]
    assert found["object"] == ["a", None, None]
    assert found["date"] == [dt.date(2020, 1, 1), None, None]
    assert found["rows"] == [[1, None], [None, None], [5, 6]]
    assert found["list"] == [[None, 2], None, [3]]
    assert found["no mask"] == [1, 2, 3]


def test_generators_filters_and_records_know_masks() -> None:
    masked = np.ma.array([1, 2], mask=[0, 1])
    rows = [{"x": masked, "y": masked.reshape(1, 2), "z": np.ma.masked}]
    rows.append({"x": np.array([3, 4]), "y": np.array([[3, 4]]), "z": 5})
    (batch,) = hr.Dataset.from_generator(lambda: rows)
    assert batch["x"].to_pylist() == [[1, None], [3, 4]]
    assert batch["y"].storage.to_pylist() == [[1, None], [3, 4]]
    assert batch["z"].to_pylist() == [None, 5]
    kept = hr.Dataset.from_arrays({"x": [1, 2]}).filter(lambda _: np.ma.array([True, True], mask=[0, 1]))
    assert kept.head().to_pydict() == {"x": [1]}
    series = hr.Dataset.from_arrays({"x": [1, 2]}).filter(lambda batch: batch.to_pandas()["x"] > 1)
    assert series.head().to_pydict() == {"x": [2]}
    for encode in (hr.records.encode_tensor, lambda value: hr.records.encode_example({"x": value})):
        with pytest.raises(SchemaError, match="masked"):
            encode(masked)
    day, time = {"x": dt.date(2020, 1, 1)}, {"x": dt.datetime(2020, 1, 1, 5)}
    with pytest.raises(SchemaError, match=r"record 1: feature 'x': .* date, got datetime.datetime\(2020"):
        hr.Dataset.from_generator(lambda: [day, time]).head()
    with pytest.raises(SchemaError, match="record 0: feature 'x': expected date32"):
        hr.Dataset.from_generator(lambda: [time], pa.schema({"x": pa.date32()})).head()


def test_categories_are_written_to_csv_as_they_are(tmp_path: Path) -> None:
    ds = hr.Dataset.from_arrow(
        {"c": pl.Series(["x", "a,b"], dtype=pl.Categorical), "d": [Decimal("1.50"), None]}
    )
    ds.write(tmp_path / "x.csv", "csv")
    (file,) = tmp_path.glob("x*.csv")
    assert file.read_text() == '"c","d"\n"x",1.50\n"a,b",\n'


def test_scanners_and_datasets_of_arrow() -> None:
    table = pa.table({"x": [1, 2]})
    for data in (
        dataset.dataset(table),
        dataset.dataset(table).scanner(),
        pa.chunked_array([table.to_struct_array()]),
    ):
        assert hr.Dataset.from_arrow(data).head().to_pydict() == {"x": [1, 2]}
    with pytest.raises(SchemaError, match="the batches of a stream differ: 'x' is int64 and double; make"):
        hr.Dataset.from_arrow([table, pa.table({"x": [1.0]})])
    with pytest.raises(SchemaError, match="a set cannot be converted to an Arrow column"):
        hr.Dataset.from_arrays({"x": {1, 2}})


def test_layers_ignore_masked_values() -> None:
    mask = [False, True, False]
    layer = hr.layers.Normalization().adapt(np.ma.array([1.0, 1e9, 3.0], mask=mask))
    assert [float(value) for value in layer.statistics.values()] == [2.0, 1.0]
    assert str(layer(np.ma.array([1.0, 1e9], mask=[0, 1])).tolist()) == "[-1.0, nan]"
    rows = hr.layers.Normalization().adapt(np.ma.array([[1.0, 9.0], [3.0, 5.0]], mask=[[0, 1], [0, 0]]))
    assert [value.tolist() for value in rows.statistics.values()] == [[2.0, 5.0], [1.0, 0.0]]
    with pytest.raises(SchemaError, match="1 missing values in a column of int64, which cannot hold them"):
        hr.layers.Normalization().adapt(np.ma.array([1, 2, 3], mask=mask))


def test_arrays_of_other_types() -> None:
    ids = to_array([2**64 - 1, 0])
    assert (ids.type, ids.to_pylist()) == (pa.uint64(), [2**64 - 1, 0])
    assert to_array(np.array([1, 2], ">i4")).to_pylist() == [1, 2]
    assert to_array(np.array(["a", "b"], np.dtypes.StringDType())).to_pylist() == ["a", "b"]
    assert to_array(np.array([["a", "b"], ["c", "d"]])).to_pylist() == [["a", "b"], ["c", "d"]]
    assert to_array(np.array([1], "M8[h]")).to_pylist() == [dt.datetime(1970, 1, 1, 1)]
    assert to_array(torch.ones(2, dtype=torch.bfloat16, requires_grad=True)).to_pylist() == [1.0, 1.0]
    assert to_array([np.array([1, 2]), None]).to_pylist() == [[1, 2], None]
    assert to_array(pa.array(["a"], pa.string_view())).type == pa.string()
    fields = np.array([(1, 2.5)], [("a", "i4"), ("b", "f8")])
    assert to_table(fields).to_pydict() == {"a": [1], "b": [2.5]}
    for values in (np.array(1.0), np.array([1 + 1j]), np.array([1], np.longdouble), 5, "abc", fields):
        with pytest.raises(SchemaError, match=r"feature 'x': a .* cannot be converted to an Arrow column"):
            to_array(values, "x")


def columns(data: Any) -> dict[str, list[Any]]:
    ds = hr.Dataset.from_arrow(pa.table(data))
    return pa.Table.from_batches(list(ds), ds.schema).to_pydict()


def test_list_views_and_runs_are_lists_and_values() -> None:
    for type_ in (pa.list_view(pa.int64()), pa.large_list_view(pa.int64())):
        views = pa.array([[1], [2, 3], None, [], [4]], type_)
        for array in (views, views.slice(1, 3), views.take(pa.array([4, 2, 0])), views.slice(0, 0)):
            assert columns({"x": array}) == {"x": array.to_pylist()}
    runs = pa.RunEndEncodedArray.from_arrays([2, 5], ["a", None])
    assert columns({"x": runs.slice(1, 3)}) == {"x": ["a", None, None]}


def test_names_of_columns_are_distinct_strings() -> None:
    with pytest.raises(UsageError, match=r"expected names of columns that are strings, got 1 \(int\)"):
        hr.Dataset.from_arrays({1: [1]})
    with pytest.raises(UsageError, match="2 columns have the name 'a'"):
        hr.Dataset.from_arrow(pa.table([[1], [2]], names=["a", "a"]))
    with pytest.raises(UsageError, match="got a dict of single values; pass a list of values per column"):
        hr.transform.analyze(preprocess, ({"s": "a"} for _ in range(3)))
    assert to_table([{"a": 1}, {"b": "x"}]).to_pylist() == [{"a": 1, "b": None}, {"a": None, "b": "x"}]
    with pytest.raises(SchemaError, match=r"record 1: feature 'a': .* one type, integer, got 'x'"):
        to_table([{"a": 1}, {"a": "x"}])


def test_repr_html_head_and_len() -> None:
    ds = hr.Dataset.from_arrays({"<b>": ["<i>", None], "n": [1, 2]})
    shown = "ArrowSource: 2 rows of 2 columns"
    assert repr(ds) == f"Dataset({shown})"
    assert repr(ds.shuffle(seed=1).batch(2)) == f"Dataset({shown} | shuffle(seed=1) | batch(2))"
    page = ds._repr_html_()
    assert "&lt;b&gt;" in page
    assert "<td>&lt;i&gt;</td><td>1</td>" in page
    assert "<i>" not in page
    assert "head() reads" in ds.batch(1)._repr_html_()
    assert ds.batch(1).head(1).to_pydict() == {"<b>": ["<i>"], "n": [1]}
    assert (ds.head(0).num_rows, ds.head(9).num_rows, ds.head(0).schema) == (0, 2, ds.schema)
    with pytest.raises(UsageError, match="rows: expected an integer, got '3'"):
        ds.head("3")  # type: ignore[arg-type]
    assert len(ds.batch(1)) == 2
    assert hr.Dataset.from_arrays({"x": np.zeros(0)})
    unknown = ds.filter(lambda batch: batch["n"].is_valid())
    with pytest.raises(UsageError, match="the number of rows is unknown before reading; sum"):
        len(unknown)
    assert len(list(unknown)) == 1


@pytest.mark.parametrize("shape", [(2,), (2, 1)])
def test_zeros_inside_strings_of_fixed_width_stay(shape: tuple[int, ...]) -> None:
    for words in (["a\0b", "a"], [b"a\0b", b"a"]):
        column = to_array(np.array(words).reshape(shape))
        assert column.to_pylist() == (words if len(shape) == 1 else [[word] for word in words])
    masked = np.ma.array(["a\0b", "a"], mask=[False, True])
    assert to_array(masked).to_pylist() == ["a\0b", None]
    lookup = hr.layers.StringLookup()
    lookup.adapt(np.array(["a\0b", "a", "a"]))
    assert lookup.get_vocabulary() == ["[UNK]", "a", "a\0b"]


def test_a_negated_view_of_a_tensor_is_its_values() -> None:
    assert to_array(torch.tensor([1j]).conj().imag).to_pylist() == [-1.0]


LISTS: dict[str, tuple[list[Any], pa.DataType]] = {
    "lists": ([[1], [2**64 - 1, None], None], pa.list_(pa.uint64())),
    "lists of lists": ([[[2**63]], [[]], None], pa.list_(pa.list_(pa.uint64()))),
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_integers_beyond_int64_are_unsigned(name: str) -> None:
    values, type_ = LISTS[name]
    ds = hr.Dataset.from_arrays({"x": values})
    assert ds.schema.field("x").type == type_
    assert ds.head()["x"].to_pylist() == values


@pytest.mark.parametrize(
    "wide", [[2**64], [-1, 2**64 - 1], {"a": 2**64}], ids=["beyond 64 bits", "both signs", "struct"]
)
def test_integers_in_lists_that_no_type_holds_are_refused_with_their_row(wide: Any) -> None:
    with pytest.raises(SchemaError, match="record 1: feature 'x': expected integers of 64 bits"):
        hr.Dataset.from_arrays({"x": [{"a": 1} if isinstance(wide, dict) else [1], wide]})
