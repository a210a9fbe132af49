"""Every file format: what is written is read back, sharded or not, and an error leaves nothing behind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.data.sinks import write_csv, write_json_lines, write_parquet

Write = Callable[..., list[str]]
FILES: dict[str, tuple[Write, Callable[..., Dataset]]] = {
    "parquet": (write_parquet, Dataset.from_parquet),
    "csv": (write_csv, Dataset.from_csv),
    "csv.gz": (write_csv, Dataset.from_csv),
    "csv.bz2": (write_csv, Dataset.from_csv),
    "csv.zst": (write_csv, Dataset.from_csv),
    "jsonl": (write_json_lines, Dataset.from_json_lines),
    "jsonl.gz": (write_json_lines, Dataset.from_json_lines),
    "jsonl.bz2": (write_json_lines, Dataset.from_json_lines),
    "jsonl.zst": (write_json_lines, Dataset.from_json_lines),
}
TABLE = pa.table(
    {
        "n": pa.array(range(10)),
        "x": pa.array([None if row % 4 == 3 else row / 10 for row in range(10)]),
        "s": pa.array([f'Straße, "{row}"\n' for row in range(10)]),
    }
)


def rows(ds: Dataset) -> list[dict[str, object]]:
    return [row for batch in ds for row in batch.to_pylist()]


@pytest.mark.parametrize("ending", FILES)
def test_written_rows_are_read_back(ending: str, tmp_path: Path) -> None:
    write, read = FILES[ending]
    (path,) = write(tmp_path / f"a.{ending}", TABLE.to_batches(max_chunksize=3), TABLE.schema)
    assert path == str(tmp_path / f"a.{ending}")
    found = rows(read(path))
    expected = TABLE.to_pylist()
    for row in found if ending.startswith("csv") else []:
        row["x"] = None if np.isnan(row["x"] or 0) else row["x"]  # type: ignore[call-overload]
    assert found == expected


@pytest.mark.parametrize("ending", FILES)
def test_rows_are_written_to_shards_round_robin(ending: str, tmp_path: Path) -> None:
    write, read = FILES[ending]
    names = write(tmp_path / f"a.{ending}", TABLE.to_batches(max_chunksize=4), TABLE.schema, shards=3)
    assert [Path(name).name for name in names] == [f"a-0000{index}-of-00003.{ending}" for index in range(3)]
    assert [[row["n"] for row in rows(read(name))] for name in names] == [[0, 3, 6, 9], [1, 4, 7], [2, 5, 8]]


def interrupted() -> Iterator[pa.RecordBatch]:
    yield TABLE.to_batches()[0]
    raise KeyboardInterrupt


@pytest.mark.parametrize("ending", FILES)
def test_an_interrupted_write_keeps_the_old_file_and_leaves_no_other(ending: str, tmp_path: Path) -> None:
    (tmp_path / f"a.{ending}").write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        FILES[ending][0](tmp_path / f"a.{ending}", interrupted(), TABLE.schema)
    assert [path.name for path in tmp_path.iterdir()] == [f"a.{ending}"]
    assert (tmp_path / f"a.{ending}").read_bytes() == b"old"
