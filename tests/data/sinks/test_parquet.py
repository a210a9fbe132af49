"""Types that Parquet does not have are refused by name."""

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.errors import SchemaError

UNION = pa.UnionArray.from_sparse(pa.array([0, 1, 0], pa.int8()), [pa.array([1, 2, 3]), pa.array([*"abc"])])
INTERVAL = pa.array([(1, 2, 3)] * 3, pa.month_day_nano_interval())


def test_a_decimal_of_negative_scale_is_refused_by_name(tmp_path: Path) -> None:
    column = pa.array([Decimal(1200)], pa.decimal128(10, -2))
    with pytest.raises(SchemaError, match=r"'x': Parquet cannot hold Arrow type decimal128\(10, -2\)"):
        Dataset.from_arrow(pa.table({"x": column})).write(tmp_path / "a.parquet")
    assert not (tmp_path / "a.parquet").exists()


@pytest.mark.parametrize("column", [UNION, INTERVAL], ids=lambda column: str(column.type).split("<")[0])
@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl", "tfrecord"])
def test_a_type_that_a_format_does_not_have_is_refused_by_name(
    column: pa.Array, ending: str, tmp_path: Path
) -> None:
    ds = Dataset.from_arrow(pa.table({"number": [1, 2, 3], "odd": column}))
    with pytest.raises(SchemaError, match=r"'odd': .*(hold|represent) Arrow type"):
        ds.write(tmp_path / f"a.{ending}")
    assert not (tmp_path / f"a.{ending}").exists()


def test_rows_of_every_type_are_shuffled(tmp_path: Path) -> None:
    table = pa.table({"number": [1, 2, 3], "union": UNION, "interval": INTERVAL})
    with pa.ipc.new_file(tmp_path / "a.arrow", table.schema) as file:
        file.write_table(table)
    for ds in (Dataset.from_arrow(table), Dataset.from_arrow_ipc(tmp_path / "a.arrow")):
        rows = [row for batch in ds.shuffle(seed=0) for row in batch.to_pylist()]
        assert sorted(rows, key=lambda row: row["number"]) == table.to_pylist()


def test_a_null_in_a_dictionary_is_a_missing_value(tmp_path: Path) -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([0, 1, None], pa.int8()), pa.array(["a", None]))
    Dataset.from_arrow(pa.table({"x": column})).write(tmp_path / "t.parquet")
    read = Dataset.from_parquet(tmp_path / "t.parquet")
    assert [row["x"] for batch in read for row in batch.to_pylist()] == ["a", None, None]


WORDS = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, 1], pa.int8()), pa.array(["a", None, "b"]))
LISTS = pa.ListArray.from_arrays(pa.array([0, 2, None, 3, 4]), WORDS)


@pytest.mark.parametrize(
    "column",
    [
        LISTS,
        LISTS.slice(1, 2),
        pa.LargeListArray.from_arrays([0, 2, 2, 4], WORDS),
        pa.FixedSizeListArray.from_arrays(WORDS, 2).slice(1),
        pa.StructArray.from_arrays([WORDS], ["s"], mask=pa.array([True, False, False, False])).slice(1),
        pa.MapArray.from_arrays([0, 1, 4], pa.array(list("klmn")), WORDS),
        pa.ListArray.from_arrays([0, 1, 4], LISTS),
    ],
    ids=lambda column: str(column.type),
)
def test_nulls_in_dictionaries_inside_lists_are_missing_values(column: pa.Array, tmp_path: Path) -> None:
    table = pa.table({"x": column})
    with pa.ipc.new_file(tmp_path / "a.arrow", table.schema) as file:
        file.write_table(table)
    for ds in (Dataset.from_arrow(table), Dataset.from_arrow_ipc(tmp_path / "a.arrow")):
        ds.write(tmp_path / "t.parquet")
        read = Dataset.from_parquet(tmp_path / "t.parquet")
        assert [row["x"] for batch in read for row in batch.to_pylist()] == column.to_pylist()


FIXED = pa.list_(pa.int32(), 2)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([{"a": [1, 2]}, {"a": None}], pa.struct([("a", FIXED)])),
        pa.array([[[1, 2], None]], pa.list_(FIXED)),
        pa.array([[("a", None)]], pa.map_(pa.string(), FIXED)),
    ],
    ids=lambda column: str(column.type),
)
def test_missing_nested_lists_of_fixed_size_which_arrow_does_not_read_back_are_refused(
    column: pa.Array, tmp_path: Path
) -> None:
    with pytest.raises(SchemaError, match="Parquet cannot hold 1 missing values of fixed_size_list"):
        Dataset.from_arrow(pa.table({"x": column})).write(tmp_path / "t.parquet")
