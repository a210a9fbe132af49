"""A model is fed by its signature: rows in any form, values that fit are cast, others named in one line."""

import datetime
import sqlite3
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from headrace.errors import HeadraceError, ModelError, SchemaError, UsageError
from headrace.serving import Input, Predictor
from headrace.serving.feed import Feeder

AGE = Input("age", "float64", (), ("age",), optional=True)
FARE = Input("fare", "float32", (), ("fare",))
HOME = Input("home.dest", "string", (), ("home.dest",))
COUNT = Input("count", "int32", (), ("count",))
LEVEL = Input("level", "uint8", (), ("level",), default=7)
OLD = Input("old", "bool", (), ("old",))
HALF = Input("half", "float16", (), ("half",))
WORDS = Input("words", "string", (None,), ("words.values", "words.row_splits"))
SIZES = Input("sizes", "float32", (3,), ("sizes",))
ALL = (AGE, FARE, HOME, COUNT, LEVEL, OLD, HALF, WORDS, SIZES)
ROW = {
    "age": 70.0,
    "fare": 7.25,
    "home.dest": "St Louis, MO",
    "count": 3,
    "level": 200,
    "old": True,
    "half": 0.5,
    "words": ["a", "b"],
    "sizes": [1.0, 2.0, 3.0],
}


def fed(predictor: Predictor, data: Any) -> dict[str, Any]:
    """Return the tensors that a model was fed, by name."""
    return {name.removesuffix(".out"): value.tolist() for name, value in predictor.run(data).items()}


def refusal(predictor: Predictor, data: Any) -> SchemaError:
    with pytest.raises(HeadraceError) as caught:
        predictor.run(data)
    assert "\n" not in str(caught.value)
    assert caught.value.hint
    return caught.value  # pyright: ignore[reportReturnType]


def forms(row: dict[str, Any]) -> dict[str, Any]:
    """Write one row in each of the forms that people hold it in, other columns beside it."""
    table = pa.Table.from_pylist([row])
    return {
        "dict": row,
        "dict of lists": {name: [value] for name, value in row.items()},
        "list of dicts": [row],
        "pandas": pd.DataFrame([row]),
        "row of pandas": pd.Series(row),
        "Polars": pl.DataFrame([row]),
        "Arrow table": table,
        "Arrow batch": table.to_batches()[0],
        "NumPy": {name: np.array([value]) for name, value in row.items()},
        "reader": pa.RecordBatchReader.from_batches(table.schema, table.to_batches()),
    }


@pytest.mark.parametrize("form", forms(ROW))
def test_one_row_in_any_form_is_the_same_tensors(echo, form: str) -> None:
    found = fed(echo(*ALL), forms({"other": 1, **ROW})[form])
    assert found == {
        "age": [70.0],
        "fare": [7.25],
        "home.dest": ["St Louis, MO"],
        "count": [3],
        "level": [200],
        "old": [True],
        "half": [0.5],
        "words.values": ["a", "b"],
        "words.row_splits": [0, 2],
        "sizes": [[1.0, 2.0, 3.0]],
    }


@pytest.mark.parametrize("form", forms({"x": 1}))
def test_a_missing_value_is_nan_or_the_default(echo, form: str) -> None:
    row = {"age": None, "level": None, "home.dest": None, "count": 1}
    found = fed(echo(AGE, LEVEL, HOME, COUNT), forms(row)[form])
    assert np.isnan(found["age"]).all()
    assert (found["level"], found["home.dest"], found["count"]) == ([7], [""], [1])
    error = refusal(echo(COUNT, AGE), forms({"age": 1.0, "count": None})[form])
    assert error.feature == "count"
    assert "got a missing value" in str(error)


def test_the_row_and_the_column_of_a_value_that_does_not_fit_are_named(echo) -> None:
    error = refusal(echo(COUNT), {"count": [1, 2, 2**31]})
    assert (error.feature, error.record) == ("count", 2)
    assert "expected int32, got 2147483648" in str(error)
    error = refusal(echo(SIZES), [{"sizes": [1, 2, 3]}, {"sizes": [1, 2]}])
    assert (error.feature, error.record) == ("sizes", 1)
    assert "expected values of shape [3], got [2]" in str(error)
    error = refusal(echo(WORDS), {"words": [["a"], [b"\xff"]]})
    assert error.feature == "words"


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        (COUNT, 1.0, 1),
        (COUNT, -0.0, 0),
        (COUNT, Decimal("12.00"), 12),
        (COUNT, np.float32(5), 5),
        (COUNT, np.uint64(5), 5),
        (LEVEL, 255, 255),
        (LEVEL, float("nan"), 7),
        (AGE, 70, 70.0),
        (AGE, 2**53, float(2**53)),
        (AGE, Decimal("0.1"), 0.1),
        (AGE, np.float16(0.5), 0.5),
        (AGE, float("inf"), float("inf")),
        (FARE, 16777217, 16777216.0),
        (HALF, 65504, 65504.0),
        (OLD, 1, True),
        (OLD, 0.0, False),
        (OLD, np.bool_(True), True),
        (HOME, b"caf\xc3\xa9", "café"),
        (HOME, "İ\u2028\x00", "İ\u2028\x00"),
        (Input("x", "uint64", (), ("x",)), 2**64 - 1, 2**64 - 1),
        (Input("x", "int64", (), ("x",)), 2**53 + 1, 2**53 + 1),
        (Input("x", "int64", (), ("x",)), -(2**63), -(2**63)),
    ],
)
def test_values_that_fit_are_cast(echo, column: Input, value: Any, expected: Any) -> None:
    assert fed(echo(column), {column.name: value})[column.name] == [expected]
    assert fed(echo(column), {column.name: [value, value]})[column.name] == [expected] * 2


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (COUNT, 1.5),
        (COUNT, True),
        (COUNT, "3"),
        (COUNT, float("inf")),
        (COUNT, 2**31),
        (COUNT, datetime.date(2020, 1, 1)),
        (COUNT, 1e300),
        (LEVEL, -1),
        (LEVEL, 256),
        (AGE, "70"),
        (AGE, True),
        (AGE, 2**53 + 1),
        (AGE, [1.0, 2.0]),
        (FARE, 1e39),
        (HALF, 65520),
        (OLD, 2),
        (OLD, "true"),
        (OLD, None),
        (HOME, 12345),
        (HOME, 1.5),
        (HOME, b"\xff"),
        (HOME, "\ud800"),
        (WORDS, "a"),
        (WORDS, [["a"], ["b"]]),
        (Input("x", "uint64", (), ("x",)), -1),
        (Input("x", "int64", (), ("x",)), 2**63),
        (Input("x", "int64", (), ("x",)), 2**64),
        (Input("x", "int64", (), ("x",)), 1e17),
    ],
)
def test_values_that_do_not_fit_are_refused_by_name(echo, column: Input, value: Any) -> None:
    assert refusal(echo(column), [{column.name: value}]).feature == column.name


def test_columns_with_dots_in_their_names_are_named_whole(echo) -> None:
    error = refusal(echo(HOME), {"age": [1.0]})
    assert error.feature == "home.dest"
    assert refusal(echo(HOME, signed=False), {"home": ["x"]}).feature == "home.dest"


def test_optional_columns_may_be_absent_and_others_not(echo) -> None:
    assert np.isnan(fed(echo(AGE, FARE), {"fare": 1.0})["age"]).all()
    assert np.isnan(fed(echo(AGE, FARE), {"fare": [1.0, 2.0]})["age"]).tolist() == [True, True]
    assert refusal(echo(AGE, FARE), {"age": 1.0}).feature == "fare"
    error = refusal(echo(AGE, FARE), {"fare": 1.0, "AGE": 3.0})
    assert (error.feature, error.hint) == ("age", "did you mean 'AGE'?")
    assert refusal(echo(AGE), {"other": 1.0}).feature == "age"


class Strange:
    """A value of a type that nobody can read."""


def test_other_columns_are_ignored_whatever_their_types(echo) -> None:
    predictor = echo(FARE)
    strange = {"fare": 1.0, "z": Strange(), 5: {"a": {1}}, "m": [1, "x"], "": None}
    frame = pd.DataFrame({"fare": [1.0], "z": [Strange()], 5: [3], "m": [[1, "x"]]})
    frame["t"] = pd.Categorical([pd.Interval(0, 1)])
    objects = pl.DataFrame({"fare": [1.0], "z": pl.Series([Strange()], dtype=pl.Object)})
    union = pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])])
    table = pa.table({"fare": [1.0], "u": union, "s": pa.array([b"\xff"]).view(pa.string())})
    for data in (strange, [strange], frame, objects, table, table.to_batches()[0]):
        assert fed(predictor, data) == {"fare": [1.0]}


def test_two_columns_of_one_name_are_refused_if_the_model_reads_them(echo) -> None:
    columns = [pa.array([1.0]), pa.array([2.0]), pa.array([3.0])]
    batch = pa.RecordBatch.from_arrays(columns, names=["fare", "x", "x"])
    assert fed(echo(FARE), batch) == {"fare": [1.0]}
    assert "two columns have this name" in str(
        refusal(echo(FARE), batch.rename_columns(["fare", "fare", "x"]))
    )
    frame = pd.DataFrame([[1.0, 2.0, 3.0]], columns=["fare", "x", "x"])
    assert fed(echo(FARE), frame) == {"fare": [1.0]}


def test_one_row_and_columns_are_told_apart_by_the_signature(echo) -> None:
    ids = Input("ids", "int64", (None,), ("ids.values", "ids.row_splits"))
    assert fed(echo(ids), {"ids": [1, 2]}) == {"ids.values": [1, 2], "ids.row_splits": [0, 2]}
    assert fed(echo(ids), {"ids": [[1], [2]]})["ids.row_splits"] == [0, 1, 2]
    assert fed(echo(ids, FARE), {"ids": [], "fare": 1.0})["ids.row_splits"] == [0, 0]
    assert Feeder([ids, FARE]).feed({"ids": [], "fare": []})["ids.row_splits"].tolist() == [0]
    error = refusal(echo(ids, FARE), {"ids": [1, 2], "fare": [1.0, 2.0]})
    assert (error.feature, "expected one value" in error.what) == ("fare", True)
    with pytest.raises(UsageError, match="'ids' holds no values: one row, or a list per row"):
        echo(ids).run({"ids": []})
    assert fed(echo(SIZES), {"sizes": np.ones(3)}) == {"sizes": [[1.0] * 3]}
    assert fed(echo(SIZES), {"sizes": np.ones((2, 3))}) == {"sizes": [[1.0] * 3] * 2}


def test_a_foreign_model_of_columns_with_one_number_takes_numbers(echo) -> None:
    column = Input("x", "float32", (1,), ("x",))
    for data in ({"x": 1.0}, {"x": [1.0]}, {"x": [[1.0]]}, [{"x": 1}], pa.table({"x": [1.0]})):
        assert fed(echo(column, signed=False), data) == {"x": [[1.0]]}
    assert fed(echo(column, signed=False), {"x": [1.0, 2.0]}) == {"x": [[1.0], [2.0]]}


@pytest.mark.parametrize("data", [None, 3, "row.csv", [], [1.0], {}, (), {"x"}, np.ones(3), [None]])
def test_what_is_neither_a_row_nor_a_table_is_refused(echo, data: Any) -> None:
    with pytest.raises(UsageError):
        echo(FARE).run(data)


def test_no_rows_are_no_tensors() -> None:
    found = Feeder(ALL).feed(pa.Table.from_pylist([ROW]).slice(0, 0))
    assert {len(value) for name, value in found.items() if name != "words.row_splits"} == {0}
    assert found["words.row_splits"].tolist() == [0]


def test_a_file_without_a_signature_is_fed_by_its_tensors(echo) -> None:
    unsigned = echo(*(each for each in ALL if each is not LEVEL), signed=False)
    assert unsigned.signature is None
    assert fed(unsigned, ROW)["words.row_splits"] == [0, 2]


def test_a_signature_of_another_model_is_refused(echo, tmp_path) -> None:
    path = echo(FARE).path
    with open(path, "rb") as file:  # noqa: PTH123
        data = file.read()
    (tmp_path / "other.onnx").write_bytes(data.replace(b'"tensors": ["fare"]', b'"tensors": ["fore"]'))
    with pytest.raises(ModelError, match="the signature does not match the model"):
        Predictor(tmp_path / "other.onnx")


def test_values_of_other_libraries_are_values(echo) -> None:
    torch = pytest.importorskip("torch")
    sizes = torch.tensor([1.0, 2.0, 3.0])
    assert fed(echo(SIZES, FARE), {"sizes": sizes, "fare": torch.tensor(2)})["sizes"] == [[1.0, 2.0, 3.0]]
    assert fed(echo(SIZES), {"sizes": sizes[None]})["sizes"] == [[1.0, 2.0, 3.0]]
    nullable = pd.DataFrame(
        {"age": pd.array([1, None], dtype="Int64"), "level": pd.array([None, 3], dtype="UInt8")}
    )
    assert str(fed(echo(AGE, LEVEL), nullable)) == "{'age': [1.0, nan], 'level': [7, 3]}"
    assert fed(echo(AGE), {"age": np.ma.masked_array([1.0, 2.0], [False, False])})["age"] == [1.0, 2.0]
    assert fed(echo(HOME), pl.DataFrame({"home.dest": pl.Series(["a"], dtype=pl.Categorical)})) == {
        "home.dest": ["a"]
    }
    with pytest.raises(UsageError, match=r"pass frame.collect\(\)"):
        echo(AGE).run(pl.DataFrame({"age": [1.0]}).lazy())


def test_a_row_of_a_database_is_a_row(echo) -> None:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    row = connection.execute("select 1.5 as fare, null as age").fetchone()
    assert fed(echo(FARE, AGE), dict(row))["fare"] == [1.5]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({0: 1}, "feature 'n': the column is missing; the model needs n"),
        ([{b"n": 1}], "feature 'n': the column is missing"),
        (pd.DataFrame([[1, 2]]), "feature 'n': the column is missing; the model needs n"),
        ([], "expected a table, got an empty list; pass"),
        ([[1]], "expected a table, got a list with a list; pass"),
        ([{"n": 1}, None], "expected a table, got a list with a NoneType; pass"),
    ],
)
def test_rows_without_names_are_one_line(echo: Any, rows: Any, message: str) -> None:
    with pytest.raises(HeadraceError, match=message):
        echo(Input("n", "int64", (), ("n",))).predict(rows)
