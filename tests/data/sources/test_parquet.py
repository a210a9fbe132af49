import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import headrace as hr
from headrace.data import Dataset
from headrace.data.sources import ParquetSource
from headrace.errors import SchemaError


@pytest.fixture
def path(tmp_path, numbered):
    pq.write_table(pa.Table.from_batches(list(numbered)), tmp_path / "rows.parquet", row_group_size=20)
    return tmp_path / "rows.parquet"


def test_every_kind_of_column_is_read(path, numbered, rows_of):
    ds = Dataset.from_parquet(path)
    assert ds.schema == numbered.schema
    assert ds.num_rows == 103
    assert rows_of(ds) == list(range(103))


def test_columns_can_be_chosen_in_any_order(path):
    ds = Dataset.from_parquet(path, columns=["name", "row"])
    assert ds.schema.names == next(iter(ds)).schema.names == ["name", "row"]


def test_a_missing_column_gets_suggestions(path):
    with pytest.raises(SchemaError, match=r"feature 'nmae': the file lacks this column; did you mean 'name'"):
        list(Dataset.from_parquet(path, columns=["nmae"]))


def test_files_of_different_columns_are_refused(path):
    pq.write_table(pa.table({"x": [1]}), path.with_name("rows2.parquet"))
    with pytest.raises(SchemaError, match=r"rows2.parquet: feature 'x': .*rows.parquet lacks this column"):
        list(Dataset.from_parquet([path, path.with_name("rows2.parquet")]))


def test_another_kind_of_file_is_refused(tmp_path):
    (tmp_path / "a.parquet").write_text("a,b\n1,2\n")
    with pytest.raises(SchemaError, match=r"a.parquet: not a Parquet file"):
        list(Dataset.from_parquet(tmp_path / "a.parquet"))


def test_narrow_rows_come_in_large_batches_wide_ones_in_small(tmp_path):
    pq.write_table(pa.table({"x": range(300_000)}), tmp_path / "narrow.parquet", row_group_size=140_000)
    pq.write_table(pa.table({"x": [bytes([i]) * 6_000_000 for i in range(5)]}), tmp_path / "wide.parquet")
    narrow = [batch.num_rows for batch in Dataset.from_parquet(tmp_path / "narrow.parquet")]
    assert max(narrow) == 131_072
    assert sum(narrow) == 300_000
    assert [batch.num_rows for batch in Dataset.from_parquet(tmp_path / "wide.parquet")] == [2, 2, 1]


def test_memory_does_not_grow_with_the_file(tmp_path):
    columns = {name: np.random.default_rng(0).random(2_000_000) for name in "xy"}
    pq.write_table(pa.table(columns), tmp_path / "rows.parquet", row_group_size=100_000)
    held = pa.total_allocated_bytes()
    most = max(pa.total_allocated_bytes() - held for _ in Dataset.from_parquet(tmp_path / "rows.parquet"))
    assert most < sum(values.nbytes for values in columns.values()) / 3


@pytest.fixture
def words(tmp_path):
    """A file of 20,000 rows with strings that are often the same, and strings that are all different."""
    rows = np.arange(20_000)
    columns = {"often": [f"w{row % 7}" for row in rows], "once": [f"w{row}" for row in rows], "x": rows}
    pq.write_table(pa.table(columns), tmp_path / "words.parquet")
    return ParquetSource.from_paths(tmp_path / "words.parquet")


def test_pruned_batches_keep_the_dictionaries_of_the_file(words):
    (batch,) = words.prune_columns(["once", "often"]).read()
    (whole,) = words.read()
    assert batch.schema.names == ["once", "often"]
    assert batch["once"].equals(whole["once"])
    assert batch["often"].dictionary.to_pylist() == [f"w{number}" for number in range(7)]
    assert batch["often"].dictionary_decode().equals(whole["often"])


def test_schema_and_fingerprint_do_not_depend_on_pruned_columns(words):
    pruned = words.prune_columns(["often"])
    assert pruned.schema == words.schema
    assert pruned.fingerprint == words.fingerprint
    assert [part.pruned for part in pruned.divide()] == [("often",)]


def test_pruning_to_an_unknown_column_reads_all(words):
    assert words.prune_columns(["often", "x", "y"]) == words


def test_small_row_groups_keep_no_dictionaries(tmp_path):
    table = pa.table({"often": ["a", "b"] * 5_000})
    pq.write_table(table, tmp_path / "small.parquet", row_group_size=1000)
    (batch,) = ParquetSource.from_paths(tmp_path / "small.parquet").prune_columns(["often"]).read()
    assert batch["often"].type == pa.string()


def test_batches_end_at_the_same_rows_with_pruned_columns(tmp_path):
    table = pa.table({"often": [f"w{row % 7}" for row in range(50_000)], "x": range(50_000)})
    for size in (1000, 17_000):
        pq.write_table(table, tmp_path / "rows.parquet", row_group_size=size)
        source = ParquetSource.from_paths(tmp_path / "rows.parquet")
        whole, narrow = (
            [b.num_rows for b in each.read()] for each in (source, source.prune_columns(["often"]))
        )
        assert whole == narrow == ([50_000] if size == 1000 else [17_000, 17_000, 16_000])


def test_a_rest_does_not_make_row_groups_small(tmp_path):
    """A scan starts at any row group, so a saved position in a file of such row groups reads one of them."""
    pq.write_table(pa.table({"x": range(50_000)}), tmp_path / "rows.parquet", row_group_size=16_384)
    source = ParquetSource.from_paths(tmp_path / "rows.parquet")
    assert [batch.num_rows for batch in source.read()] == [16_384, 16_384, 16_384, 848]


@pytest.fixture
def large(tmp_path, monkeypatch):
    """A source of one file of seven row groups, large enough for parts of two each."""
    table = pa.table({"x": np.random.default_rng(0).random(140_000), "often": ["a", "b"] * 70_000})
    pq.write_table(table, tmp_path / "rows.parquet", row_group_size=20_000)
    monkeypatch.setattr("headrace.data.sources.parquet._PART_BYTES", 300_000)
    return ParquetSource.from_paths(tmp_path / "rows.parquet")


@pytest.mark.parametrize("columns", [None, ["often"]])
def test_a_large_file_is_divided_at_its_row_groups(large, columns):
    source = large if columns is None else large.prune_columns(columns)
    parts = source.divide()
    assert [part.groups for part in parts] == [range(2), range(2, 4), range(4, 6), range(6, 7)]
    assert [part.num_rows for part in parts] == [40_000, 40_000, 40_000, 20_000]
    assert len({part.fingerprint for part in parts}) == 4
    assert [batch for part in parts for batch in part.read()] == list(source.read())


def test_a_file_of_small_row_groups_stays_whole(tmp_path, monkeypatch):
    pq.write_table(pa.table({"x": range(50_000)}), tmp_path / "rows.parquet", row_group_size=1000)
    monkeypatch.setattr("headrace.data.sources.parquet._PART_BYTES", 1)
    source = ParquetSource.from_paths(tmp_path / "rows.parquet")
    assert [part.groups for part in source.divide()] == [None]


def test_statistics_over_parts_equal_those_of_the_file(large, tmp_path):
    values = np.concatenate([batch["x"] for batch in large.read()])
    for _ in ("first", "kept"):
        transform = hr.transform.analyze(
            lambda x: {"z": hr.transform.scale_to_z_score(x["x"])},
            Dataset(large),
            cache_dir=tmp_path / "states",
        )
        assert transform.statistics["mean(x)"] == pytest.approx(values.mean(), rel=1e-12)
    assert len(list(tmp_path.rglob("*.state"))) == 1  # of the four parts, and a prefix of the merge tree


def test_list_views_are_lists(tmp_path):
    column = pa.array([[1], None, [2, 3]], pa.list_view(pa.int64()))
    pq.write_table(pa.table({"x": column}), tmp_path / "views.parquet")
    ds = Dataset.from_parquet(tmp_path / "views.parquet")
    assert ds.schema.field("x").type == pa.list_(pa.field("element", pa.int64()))
    assert [row["x"] for batch in ds for row in batch.to_pylist()] == [[1], None, [2, 3]]
