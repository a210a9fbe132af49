import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headrace.data import Dataset
from headrace.errors import SchemaError


@pytest.fixture
def path(tmp_path, numbered):
    pq.write_table(pa.Table.from_batches(list(numbered)), tmp_path / "rows.parquet", row_group_size=20)
    return tmp_path / "rows.parquet"


def test_rows_come_back_with_every_kind_of_column(path, numbered, rows_of):
    ds = Dataset.from_parquet(path)
    assert ds.schema == numbered.schema
    assert ds.num_rows == 103
    assert rows_of(ds) == list(range(103))


def test_columns_can_be_chosen_in_any_order(path):
    ds = Dataset.from_parquet(path, columns=["name", "row"])
    assert ds.schema.names == next(iter(ds)).schema.names == ["name", "row"]


def test_a_missing_column_gets_near_names(path):
    with pytest.raises(SchemaError, match=r"feature 'nmae': the file has no such column; perhaps 'name'"):
        list(Dataset.from_parquet(path, columns=["nmae"]))


def test_files_of_different_columns_are_refused(path):
    pq.write_table(pa.table({"x": [1]}), path.with_name("rows2.parquet"))
    with pytest.raises(SchemaError, match=r"rows2.parquet: its columns differ from those of .*rows.parquet"):
        list(Dataset.from_parquet([path, path.with_name("rows2.parquet")]))


def test_another_kind_of_file_is_refused(tmp_path):
    (tmp_path / "a.parquet").write_text("a,b\n1,2\n")
    with pytest.raises(SchemaError, match=r"a.parquet: no Parquet file"):
        list(Dataset.from_parquet(tmp_path / "a.parquet"))


def test_narrow_rows_come_in_large_batches_wide_ones_in_small(tmp_path):
    pq.write_table(pa.table({"x": range(150_000)}), tmp_path / "narrow.parquet", row_group_size=70_000)
    pq.write_table(pa.table({"x": [bytes([i]) * 3_000_000 for i in range(5)]}), tmp_path / "wide.parquet")
    narrow = [batch.num_rows for batch in Dataset.from_parquet(tmp_path / "narrow.parquet")]
    assert max(narrow) == 65_536
    assert sum(narrow) == 150_000
    assert [batch.num_rows for batch in Dataset.from_parquet(tmp_path / "wide.parquet")] == [2, 2, 1]


def test_memory_does_not_grow_with_the_file(tmp_path):
    columns = {name: np.random.default_rng(0).random(2_000_000) for name in "xy"}
    pq.write_table(pa.table(columns), tmp_path / "rows.parquet", row_group_size=100_000)
    held = pa.total_allocated_bytes()
    most = max(pa.total_allocated_bytes() - held for _ in Dataset.from_parquet(tmp_path / "rows.parquet"))
    assert most < sum(values.nbytes for values in columns.values()) / 3
