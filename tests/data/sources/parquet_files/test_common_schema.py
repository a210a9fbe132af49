"""Several Parquet files: only what is read is compared, by name and logical type."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headrace.data import Dataset
from headrace.data.sources import ParquetSource
from headrace.data.sources.parquet_files.common_schema import unify_types
from headrace.errors import SchemaError

FIRST = pa.table({"x": [1], "s": ["a"]})


@pytest.fixture
def read(tmp_path: Path):
    def write_and_open(*tables: pa.Table, **options: object) -> Dataset:
        paths = [tmp_path / f"{number}.parquet" for number in range(len(tables))]
        for path, table in zip(paths, tables, strict=True):
            pq.write_table(table, path)
        return Dataset.from_parquet(paths, **options)

    return write_and_open


def rows(ds: Dataset) -> list[dict[str, object]]:
    return [row for batch in ds for row in batch.to_pylist()]


def test_a_later_shard_with_one_more_column_that_nobody_reads(read):
    later = pa.table({"y": [3], "s": ["b"], "x": [2]})
    assert rows(read(FIRST, later, columns=["x"])) == [{"x": 1}, {"x": 2}]
    with pytest.raises(SchemaError, match=r"1.parquet: feature 'y': .*0.parquet lacks this column; choose"):
        rows(read(FIRST, later))


def test_another_type_of_a_column_that_nobody_reads(read):
    later = pa.table({"x": [1.5], "s": ["b"]})
    assert rows(read(FIRST, later, columns=["s"])) == [{"s": "a"}, {"s": "b"}]
    with pytest.raises(SchemaError, match=r"1.parquet: feature 'x': expected int64 as in .*, got double"):
        rows(read(FIRST, later))


def test_another_column_order(read):
    assert rows(read(FIRST, pa.table({"s": ["b"], "x": [2]}))) == [{"x": 1, "s": "a"}, {"x": 2, "s": "b"}]


def test_a_column_that_a_later_shard_lacks_is_named(read):
    with pytest.raises(SchemaError, match=r"1.parquet: feature 's': the file lacks this column, which"):
        rows(read(FIRST, pa.table({"x": [1]})))


def test_nullability_of_any_shard_counts(read):
    required = pa.schema([pa.field("x", pa.int64(), nullable=False), pa.field("s", pa.string())])
    ds = read(FIRST.cast(required), pa.table({"x": pa.array([None], pa.int64()), "s": ["b"]}))
    assert ds.schema.field("x").nullable
    assert rows(ds) == [{"x": 1, "s": "a"}, {"x": None, "s": "b"}]
    assert not read(FIRST.cast(required), FIRST.cast(required)).schema.field("x").nullable


@pytest.mark.parametrize(
    ("left", "right", "common"),
    [
        (pa.array(["a"]), pa.array(["b"], pa.large_string()), pa.large_string()),
        (pa.array(["a"], pa.large_string()), pa.array(["b"]), pa.large_string()),
        (pa.array(["a"]), pa.array(["b"]).dictionary_encode(), pa.string()),
        (pa.nulls(1), pa.array(["b"]), pa.string()),
        (pa.array([1.5]), pa.nulls(1), pa.float64()),
        (
            pa.array([["a"]]),
            pa.array([None], pa.large_list(pa.large_string())),
            pa.large_list(pa.large_string()),
        ),
        (pa.array([{"a": 1, "b": "x"}]), pa.array([{"b": "y", "a": 2}]), pa.array([{"a": 1, "b": "x"}]).type),
    ],
    ids=str,
)
def test_one_logical_type_is_read_as_one_arrow_type(read, left, right, common):
    ds = read(pa.table({"x": left}), pa.table({"x": right}))
    assert ds.schema.field("x").type == common
    assert rows(ds) == [{"x": value} for value in left.to_pylist() + right.to_pylist()]
    assert sorted(map(str, rows(ds.shuffle(seed=0)))) == sorted(map(str, rows(ds)))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (pa.int32(), pa.int64()),
        (pa.timestamp("us"), pa.timestamp("ns")),
        (pa.list_(pa.int64()), pa.list_(pa.int64(), 2)),
        (pa.list_(pa.int64(), 3), pa.list_(pa.int64(), 2)),
        (pa.list_(pa.int64()), pa.list_(pa.string())),
        (pa.string(), pa.binary()),
        (pa.struct({"a": pa.int64()}), pa.struct({"b": pa.int64()})),
        (pa.struct({"a": pa.int64()}), pa.struct({"a": pa.string()})),
    ],
    ids=str,
)
def test_other_types_are_not_unified(left, right):
    assert unify_types(left, right) is None
    assert unify_types(right, left) is None


def test_parts_have_the_schema_of_the_whole(read, tmp_path):
    read(FIRST, pa.table({"x": [2], "s": pa.array(["b"], pa.large_string())}))
    source = ParquetSource.from_paths(sorted(tmp_path.glob("*.parquet")))
    for part in source.divide():
        assert part.schema == source.schema
        assert [batch.schema for batch in part.read()] == [source.schema]


def test_a_name_that_occurs_twice_is_refused_where_it_is_read(read):
    twice = pa.table([[1], [2], [3]], names=["a", "a", "b"])
    assert rows(read(twice, columns=["b"])) == [{"b": 3}]
    with pytest.raises(SchemaError, match=r"feature 'a': two columns have this name"):
        rows(read(twice))


def test_names_with_dots(read):
    assert rows(read(pa.table({"a.b": ["q"], "a": [{"b": 1}]}))) == [{"a.b": "q", "a": {"b": 1}}]


class Name(str):
    """A name that counts how often names are compared with it."""

    compared = 0
    __hash__ = str.__hash__

    def __eq__(self, other):
        Name.compared += 1
        return str.__eq__(self, other)


def test_many_columns_are_read_in_time_linear_in_columns(tmp_path):
    """Looking each of 20,000 names up in a list took 60 s."""
    table = pa.table({f"column_{number}": [number] for number in range(6000)})
    pq.write_table(table, tmp_path / "wide.parquet")
    names = [Name(name) for name in table.column_names[::-1]]
    (batch,) = Dataset.from_parquet(tmp_path / "wide.parquet", columns=names)
    assert Name.compared < 30 * len(names)
    assert batch.schema.names == names
    assert batch.column(0).to_pylist() == [5999]
