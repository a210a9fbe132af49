from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest

from headrace.data import Dataset
from headrace.errors import SchemaError, UsageError

TABLE = pa.table(
    {
        "n": range(1000),
        "year": [2020 + row % 3 for row in range(1000)],
        "country": [("NO", "SE", None, "a/b c")[row % 4] for row in range(1000)],
    }
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A table that Arrow partitioned by year and country."""
    pyarrow.dataset.write_dataset(
        TABLE,
        tmp_path / "table",
        format="parquet",
        partitioning=pyarrow.dataset.partitioning(
            pa.schema({"year": pa.int64(), "country": pa.string()}), flavor="hive"
        ),
    )
    return tmp_path / "table"


def rows_of(ds: Dataset) -> list[dict]:
    return sorted((row for batch in ds for row in batch.to_pylist()), key=lambda row: row["n"])


def test_folders_become_columns(folder: Path) -> None:
    ds = Dataset.from_parquet(folder)
    assert ds.schema == pa.schema({"n": pa.int64(), "year": pa.int64(), "country": pa.string()})
    assert rows_of(ds) == TABLE.to_pylist()
    assert ds.num_rows == 1000
    assert rows_of(ds.shuffle(seed=0).batch(64)) == TABLE.to_pylist()
    assert [row for part in ds.parts or () for batch in part for row in batch.to_pylist()] == [
        row for batch in ds for row in batch.to_pylist()
    ]


def test_columns_of_files_and_folders_are_chosen(folder: Path) -> None:
    ds = Dataset.from_parquet(folder, columns=["country", "n"])
    assert ds.schema.names == ["country", "n"]
    assert rows_of(ds) == TABLE.select(["country", "n"]).to_pylist()
    years = Dataset.from_parquet(str(folder), columns=["year"])
    assert sorted(year for batch in years for year in batch["year"].to_pylist()) == sorted(
        TABLE["year"].to_pylist()
    )
    assert years.schema.names == Dataset.from_parquet(folder).select("year").schema.names == ["year"]
    with pytest.raises(SchemaError, match=r"'yaer': the file lacks this column; did you mean 'year'"):
        _ = Dataset.from_parquet(folder, columns=["yaer"]).schema


def test_a_folder_at_a_url_is_read(folder: Path) -> None:
    memory = fsspec.filesystem("memory")
    for path in folder.rglob("*.parquet"):
        memory.pipe(f"/hive/{path.relative_to(folder).as_posix()}", path.read_bytes())
    assert rows_of(Dataset.from_parquet("memory://hive")) == TABLE.to_pylist()
    memory.rm("/hive", recursive=True)


def test_folders_without_values_and_hidden_files_add_nothing(tmp_path: Path) -> None:
    table = pa.table({"n": [1, 2]})
    for name in ("a=b/x.parquet", "a=b/_temporary/y.parquet", "a=b/.hidden.parquet", "a=b/_metadata.parquet"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path)
    (tmp_path / "a=b" / "_SUCCESS").write_text("")
    assert Dataset.from_parquet(tmp_path / "a=b").schema.names == ["n"]  # only folders below count
    assert rows_of(Dataset.from_parquet(tmp_path)) == [{"n": 1, "a": "b"}, {"n": 2, "a": "b"}]


def test_values_with_leading_zeros_remain_strings(tmp_path: Path) -> None:
    for name in ("day=01", "day=10"):
        (tmp_path / name).mkdir()
        pq.write_table(pa.table({"n": [int(name[-1])]}), tmp_path / name / "x.parquet")
    assert [row["day"] for row in rows_of(Dataset.from_parquet(tmp_path))] == ["10", "01"]


def test_folders_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    for name in ("a=1/x.parquet", "b=1/x.parquet"):
        (tmp_path / name).parent.mkdir()
        pq.write_table(pa.table({"n": [1]}), tmp_path / name)
    with pytest.raises(SchemaError, match=r"b=1/x.parquet: expected folders for the columns a, got b"):
        Dataset.from_parquet(tmp_path)
    (tmp_path / "other" / "n=1").mkdir(parents=True)
    pq.write_table(pa.table({"n": [1]}), tmp_path / "other" / "n=1" / "x.parquet")
    with pytest.raises(SchemaError, match=r"'n': the column is in the file and in the name of its folder"):
        _ = Dataset.from_parquet(tmp_path / "other").schema
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"empty: no Parquet file in the folder"):
        Dataset.from_parquet(tmp_path / "empty")
