"""DataFrames of pandas come in as what they are, and go out again without a loss."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import headrace as hr
from headrace.errors import HeadraceError, SchemaError, UsageError
from headrace.tables import to_array, to_table

LARGE = 2**60 + 1  # not a float64
FRAME = pd.DataFrame(
    {
        "string": ["a", None, "b"],
        "Int64": pd.array([1, None, LARGE], dtype="Int64"),
        "UInt64": pd.array([1, None, 2**64 - 1], dtype="UInt64"),
        "boolean": pd.array([True, None, False], dtype="boolean"),
        "float": [1.5, np.nan, -0.0],
        "category": pd.Categorical(["x", None, "y"], categories=["y", "x", "unused"]),
        "numbers": pd.Categorical([7, None, 5]),
        "zoned": pd.to_datetime(["2020-01-01 12:00", None, "2021-06-01 00:00"]).tz_localize("Europe/Berlin"),
        "time": pd.to_datetime(["2020-01-01 12:00:00.123456", None, "2021-06-01"], format="ISO8601"),
        "decimal": [Decimal("1.50"), None, Decimal("12345678901234567890.25")],
        "struct": [{"a": LARGE, "b": {"c": "x"}}, None, {"a": None, "b": {"c": None}}],
        "list": [[1, LARGE], None, []],
        "arrow": pd.Series([1, None, 3], dtype="int64[pyarrow]"),
        "sparse": pd.Series([0, 1, 0], dtype=pd.SparseDtype(int)),
    }
)


def rows(ds: hr.Dataset) -> list[dict]:
    return [row for batch in ds for row in batch.to_pylist()]


def test_from_pandas_strings_with_missing_nullable_int64_categories_decimals_and_structs() -> None:
    ds = hr.Dataset.from_pandas(FRAME)
    assert str(ds.schema.field("category").type) == "dictionary<values=string, indices=int32, ordered=0>"
    assert str(ds.schema.field("zoned").type).endswith("tz=Europe/Berlin]")
    found = {name: [row[name] for row in rows(ds)] for name in FRAME}
    assert found["string"] == ["a", None, "b"]
    assert found["Int64"] == [1, None, LARGE]
    assert found["UInt64"] == [1, None, 2**64 - 1]
    assert found["boolean"] == [True, None, False]
    assert found["float"] == [1.5, None, 0.0]
    assert found["category"] == ["x", None, "y"]
    assert found["numbers"] == [7, None, 5]
    assert found["zoned"][0].astimezone(dt.UTC) == dt.datetime(2020, 1, 1, 11, tzinfo=dt.UTC)
    assert found["time"][:2] == [dt.datetime(2020, 1, 1, 12, 0, 0, 123456), None]
    assert found["decimal"] == FRAME["decimal"].tolist()
    assert found["struct"] == [{"a": LARGE, "b": {"c": "x"}}, None, {"a": None, "b": {"c": None}}]
    assert found["list"] == [[1, LARGE], None, []]
    assert found["arrow"] == [1, None, 3]
    assert found["sparse"] == [0, 1, 0]


@pytest.mark.filterwarnings("error")
def test_zones_of_times_and_of_categories_are_kept_without_a_warning() -> None:
    times = pd.Series(pd.to_datetime(["2020-07-01", None]).tz_localize("Europe/Oslo").as_unit("ns"))
    frame = pd.DataFrame({"t": times, "c": pd.Categorical(times)}).set_index(pd.Index(times, name="i"))
    (batch,) = hr.Dataset.from_pandas(frame)
    zoned = pa.timestamp("ns", "Europe/Oslo")
    assert batch.schema.types == [zoned, zoned, pa.dictionary(pa.int32(), zoned)]
    for column in batch.columns:
        assert column[0].as_py() == times[0]
        assert column.null_count == 1


def test_categories_without_an_arrow_type_are_named() -> None:
    for values, what in [(pd.cut([1, 2], 2), "no type for interval"), (["x", 3], "values of one type")]:
        with pytest.raises(SchemaError, match=f"^feature 'a': the categories: .*{what}"):
            hr.Dataset.from_pandas(pd.DataFrame({"a": pd.Categorical(values)}))


def test_to_pandas_keeps_every_digit() -> None:
    ds = hr.Dataset.from_pandas(FRAME)
    again = ds.to_pandas()
    assert rows(hr.Dataset.from_pandas(again)) == rows(ds)
    assert [str(again[name].dtype) for name in ("Int64", "UInt64", "boolean")] == [
        "Int64",
        "UInt64",
        "boolean",
    ]
    assert again["category"].cat.categories.tolist() == ["y", "x", "unused"]
    assert again["list"][0].tolist() == [1, LARGE]
    images = np.arange(8.0).reshape(2, 2, 2)
    frame = hr.Dataset.from_arrays({"image": images}).to_pandas()
    assert np.array_equal(np.stack(frame["image"]), images)
    assert rows(hr.Dataset.from_pandas(frame)) == rows(hr.Dataset.from_arrays({"image": images}))
    assert hr.Dataset.from_arrays({"x": np.zeros(0)}).to_pandas().dtypes["x"] == np.float64


def test_categories_of_several_files() -> None:
    many = ["z", *(str(number) for number in range(300))]
    frames = [
        pd.DataFrame({"c": pd.Categorical(["x", "y"])}),
        pd.DataFrame({"c": pd.Categorical(["z", None], categories=many)}),
    ]
    ds = hr.Dataset.from_pandas(frames)
    assert [row["c"] for row in rows(ds)] == ["x", "y", "z", None]
    assert sorted(str(row["c"]) for row in rows(ds.shuffle(seed=3).batch(3))) == ["None", "x", "y", "z"]
    transform = hr.transform.analyze(
        lambda x: {"c": hr.transform.compute_and_apply_vocabulary(x["c"])}, iter(frames)
    )
    assert transform.vocabularies == {"c": ["x", "y", "z"]}
    assert [transform(frame)["c"].to_pylist() for frame in frames] == [[0, 1], [2, -1]]


def test_categories_of_several_parquet_files(tmp_path: Path) -> None:
    for number, words in enumerate([["x", "y"], ["z", "x"]]):
        frame = pd.DataFrame({"c": pd.Categorical(words), "n": [1, 2]})
        frame.to_parquet(tmp_path / f"{number}.parquet")
    found = rows(hr.Dataset.from_parquet(str(tmp_path / "*.parquet")))
    assert [row["c"] for row in found] == ["x", "y", "z", "x"]


def test_an_index_with_a_name_becomes_a_column() -> None:
    frame = pd.DataFrame({"v": [1, 2]}, index=pd.Index(["a", "b"], name="key"))
    assert rows(hr.Dataset.from_pandas(frame)) == [{"key": "a", "v": 1}, {"key": "b", "v": 2}]
    levels = pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["k", "n"])
    of_levels = hr.Dataset.from_pandas(pd.DataFrame({"v": [1, 2]}, index=levels))
    assert rows(of_levels)[1] == {"k": "b", "n": 2, "v": 2}
    filtered = pd.DataFrame({"v": [1, 2, 3]}).iloc[[2, 0]]
    assert rows(hr.Dataset.from_pandas(filtered)) == [{"v": 3}, {"v": 1}]
    dates = pd.DataFrame({"v": [1, 2]}, index=pd.date_range("2020", periods=2))
    with pytest.raises(UsageError, match=r"the index has values of datetime64.*, but no name; name it: "):
        hr.Dataset.from_pandas(dates)
    with pytest.raises(UsageError, match="2 columns have the name 'v'"):
        hr.Dataset.from_pandas(pd.DataFrame({"v": [1]}, index=pd.Index([5], name="v")))


def objects(*values: Any) -> pd.DataFrame:
    return pd.DataFrame({"m": pd.Series(values, dtype=object)})


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (
            pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "x")])),
            r"got a MultiIndex such as",
        ),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), r"2 columns have the name 'a'; rename all but one"),
        (pd.DataFrame([[1, 2]]), r"expected names of columns that are strings, got 0 \(int\); rename"),
        (pd.DataFrame(), r"expected at least one column, got none"),
        (objects("a", None, 1), r"record 2: feature 'm': .* one type, string, got 1 \(int\)"),
        (objects(1, True), r"record 1: .* integer, got True \(bool\)"),
        (objects("a", b"b"), r"record 1: .* string, got b'b' \(bytes\)"),
        (objects([1], "a"), r"record 1: feature 'm': .* list, got 'a'"),
        (objects([1], ["a"]), r"record 1: feature 'm': a value has no Arrow type or another"),
        (objects(dt.date(2020, 1, 1), dt.datetime(2020, 1, 1, 5)), r"record 1: .* date, got datetime"),
        (
            objects(dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 1, tzinfo=dt.UTC)),
            r"record 1: feature 'm': expected times that all have a time zone, or none",
        ),
        (objects({1, 2}), r"record 0: feature 'm': expected a value or a list, got \{1, 2\}"),
        (objects(1, 2**70), r"record 1: .* integers of 64 bits, got 118059"),
        (objects(LARGE, 0.5), r"feature 'm': .* exactly representable"),
        (objects(1 + 2j), r"feature 'm'"),
        (pd.DataFrame({"m": [1 + 2j]}), r"feature 'm': a Series cannot be converted"),
        (objects(object()), r"record 0: feature 'm'"),
        (
            pd.DataFrame({"m": pd.period_range("2020", periods=1, freq="M")}),
            r"'m': Arrow has no type for period",
        ),
        (pd.DataFrame({"m": pd.interval_range(0, 1)}), r"'m': Arrow has no type for interval"),
        (pd.Series([1, 2]), r"got a Series without a name; name it: series.rename\("),
        (None, r"expected a table, got a NoneType; pass"),
        ("frame.parquet", r"expected a table, got a str; pass"),
        (np.zeros((2, 2)), r"expected a table, got a ndarray; pass .* a dict of columns"),
    ],
)
def test_multiindex_duplicate_names_and_object_columns_of_mixed_types_are_one_clear_line(
    frame: object, message: str
) -> None:
    with pytest.raises((SchemaError, UsageError), match=message) as caught:
        hr.Dataset.from_pandas(frame)
    assert "\n" not in str(caught.value)


def preprocess(x: Any) -> dict[str, Any]:
    t = hr.transform
    return {"c": t.compute_and_apply_vocabulary(x["c"]), "f": t.scale_to_0_1(x["f"])}


def test_analyze_and_transform_accept_a_frame_and_ignore_other_columns() -> None:
    frame = pd.DataFrame({"c": ["a", None, "b", "b"], "f": [0.0, np.nan, 1.0, 4.0]}, index=[3, 1, 2, 9])
    transform = hr.transform.analyze(preprocess, frame)
    assert transform.vocabularies == {"c": ["b", "a"]}
    assert str(transform(frame).to_pydict()) == "{'c': [1, -1, 0, 0], 'f': [0.0, nan, 0.25, 1.0]}"
    odd = frame.assign(odd=[{1}, 2, "3", None])
    assert str(transform(odd).to_pydict()) == str(transform(frame).to_pydict())
    assert str(transform(objects(None).assign(c=None, f=None)).to_pydict()) == "{'c': [-1], 'f': [nan]}"
    with pytest.raises(SchemaError, match="'f': the column is missing from the batch; did you mean 'ff'"):
        transform(frame.rename(columns={"f": "ff"}))
    whole = hr.transform.analyze(preprocess, [frame.iloc[:1], frame.iloc[1:]])
    assert str(whole.statistics) == str(transform.statistics)
    with pytest.raises(hr.TraceError, match=r"expects no dates, got timestamp\[us\]"):
        hr.transform.analyze(lambda x: {"y": hr.transform.scale_to_0_1(x["zoned"])}, FRAME)
    for column in ("decimal", "struct"):
        with pytest.raises(
            SchemaError, match=rf"'{column}': expected a column of numbers, .*; cast the column"
        ):
            hr.transform.analyze(lambda x, name=column: {"y": hr.transform.scale_to_0_1(x[name])}, FRAME)


VALUES = st.one_of(
    st.none(), st.integers(-(2**63), 2**63 - 1), st.floats(), st.text(max_size=3), st.booleans(),
    st.binary(max_size=3), st.dates(), st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.lists(st.integers(0, 9), max_size=2),
)  # fmt: skip


@given(st.lists(VALUES, min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_an_object_column_keeps_its_values_or_is_refused(values: list) -> None:
    try:
        found = to_array(pd.Series(values, dtype=object), "m").to_pylist()
    except HeadraceError as error:
        found, message = None, str(error)
    if found is None:
        assert "feature 'm'" in message
        assert "\n" not in message
        return
    for before, after in zip(values, found, strict=True):
        if before is None or before != before:  # None and NaN are missing
            assert after is None
        else:
            assert before == after
            assert isinstance(before, bool) == isinstance(after, bool)


def test_a_frame_of_many_columns() -> None:
    frame = pd.DataFrame(np.zeros((2, 2_000)), columns=[f"c{number}" for number in range(2_000)])
    assert to_table(frame).num_columns == 2_000


def test_records_are_written_from_a_frame(tmp_path: Path) -> None:
    files = hr.records.write(tmp_path / "x", FRAME[["string", "Int64", "float"]])
    found = rows(hr.Dataset.from_records(files))
    assert [(row["string"], row["Int64"]) for row in found] == [("a", 1), (None, None), ("b", LARGE)]


def test_a_table_of_arrow_is_not_copied() -> None:
    words = pa.array(["a"], pa.large_string())
    table = pa.table({"x": words, "y": pa.array([["a"]], pa.large_list(pa.string()))})
    assert hr.Dataset.from_arrow(table).schema == table.schema
    assert to_table(table) is table


@pytest.mark.parametrize(
    "column",
    [pa.array([1], pa.time64("ns")), pa.array([3_000_000], pa.date32())],
    ids=["times of nanoseconds", "dates beyond the year 9999"],
)
def test_what_pandas_cannot_hold_is_one_line_that_names_the_column(column: pa.Array) -> None:
    ds = hr.Dataset.from_arrow(pa.table({"x": column}))
    assert str(ds._repr_html_()).count("<td>") == 1  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(SchemaError, match=r"'x': pandas cannot hold a column of .*; cast the column"):
        ds.to_pandas()
