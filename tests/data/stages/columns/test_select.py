import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headrace import records
from headrace.data import Dataset
from headrace.errors import SchemaError, UsageError

ROWS = {"x": np.arange(20), "y": np.arange(20) / 2, "name": [f"row {k}" for k in range(20)]}


@pytest.fixture(params=["arrays", "parquet", "csv", "json_lines", "records"])
def ds(request, tmp_path):
    ds = Dataset.from_arrays(ROWS)
    if request.param == "parquet":
        pq.write_table(pa.table(ROWS), tmp_path / "rows.parquet", use_dictionary=True)
        return Dataset.from_parquet(tmp_path / "rows.parquet")
    if request.param == "csv":
        lines = [",".join(ROWS), *(f"{x},{y},{name}" for x, y, name in zip(*ROWS.values(), strict=True))]
        (tmp_path / "rows.csv").write_text("\n".join(lines) + "\n")
        return Dataset.from_csv(tmp_path / "rows.csv")
    if request.param == "json_lines":
        (tmp_path / "rows.jsonl").write_text(pa.table(ROWS).to_pandas().to_json(orient="records", lines=True))
        return Dataset.from_json_lines(tmp_path / "rows.jsonl")
    if request.param == "records":
        records.write(tmp_path / "rows.tfrecord", ds)
        return Dataset.from_records(tmp_path / "rows.tfrecord")
    return ds


def test_columns_have_the_order_and_the_types_of_the_selection(ds):
    chosen = ds.select(["name", "x"])
    assert chosen.schema == pa.schema([ds.schema.field("name"), ds.schema.field("x")])
    assert all(batch.schema == chosen.schema for batch in chosen)
    assert [row for batch in chosen for row in batch.to_pylist()] == [
        {"name": f"row {k}", "x": k} for k in range(20)
    ]


def test_the_source_reads_the_selected_columns_only(ds):
    chosen = ds.shuffle(1).take(7).select("x")
    assert chosen._pipeline.plan.source.schema.names == ["x"]
    shuffled = [x for batch in ds.shuffle(1).take(7) for x in batch["x"].to_pylist()]
    assert [x for batch in chosen for x in batch["x"].to_pylist()] == shuffled


def test_an_unknown_column_is_an_error_with_a_suggestion(ds):
    for unknown in (ds.select("nam"), ds.drop("nam"), ds.rename({"nam": "n"})):
        with pytest.raises(
            SchemaError, match="feature 'nam': the data lack this column; did you mean 'name'"
        ):
            next(iter(unknown))


def test_drop_and_rename_keep_the_order_of_columns(ds):
    assert ds.drop("y").schema.names == ["x", "name"]
    swapped = ds.rename({"x": "y", "y": "x"})
    assert swapped.schema.names == ["y", "x", "name"]
    assert next(iter(swapped))["y"].to_pylist() == list(range(20))


def test_two_columns_of_one_name_are_refused(ds):
    with pytest.raises(SchemaError, match="feature 'y': two columns have this name"):
        next(iter(ds.rename({"x": "y"})))
    with pytest.raises(UsageError, match="names: expected distinct names"):
        ds.rename({"x": "z", "y": "z"})
