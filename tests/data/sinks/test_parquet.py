"""Types that Parquet does not have are refused by name."""

from pathlib import Path

import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.errors import SchemaError

UNION = pa.UnionArray.from_sparse(pa.array([0, 1, 0], pa.int8()), [pa.array([1, 2, 3]), pa.array([*"abc"])])
INTERVAL = pa.array([(1, 2, 3)] * 3, pa.month_day_nano_interval())


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
