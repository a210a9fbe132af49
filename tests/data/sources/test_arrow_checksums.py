"""Arrow files that Headrace wrote: a changed byte is an error, and other programs read them as before."""

import multiprocessing
from pathlib import Path
from random import Random

import fsspec
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pytest

from headrace.data import Dataset
from headrace.errors import HeadraceError, RecordError

ROWS = 30_000
TABLE = pa.table(
    {
        "x": np.random.default_rng(0).random(ROWS),
        "word": [f"word {row % 7}" for row in range(ROWS)],
        "code": pa.array([f"code {row % 3}" for row in range(ROWS)]).dictionary_encode(),
    }
)


def read(path: str | Path, columns: list[str] | None = None) -> pa.Table:
    ds = Dataset.from_arrow_ipc(path, columns=columns)
    return pa.Table.from_batches(list(ds), ds.schema)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    Dataset.from_arrow(TABLE).write(tmp_path / "a.arrow")
    return tmp_path / "a.arrow"


@pytest.mark.parametrize("columns", [None, ["x"], ["code", "word"]])
def test_a_changed_byte_of_what_is_read_is_refused_in_one_line(path: Path, columns: list[str] | None) -> None:
    data, expected, draw = path.read_bytes(), read(path, columns), Random(0)
    assert expected.equals(TABLE.select(columns or TABLE.column_names).cast(expected.schema))
    refused = 0
    for _ in range(60):
        changed = bytearray(data)
        changed[draw.randrange(len(data))] ^= draw.randrange(1, 256)
        path.write_bytes(changed)
        try:
            assert read(path, columns) == expected
        except HeadraceError as error:
            refused += str(error).startswith(str(path)) and "\n" not in str(error)
    assert refused > (57 if columns is None else 10)


def test_the_block_and_the_footer_are_named(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:70_000] + bytes([data[70_000] ^ 1]) + data[70_001:])
    with pytest.raises(RecordError, match=r"a\.arrow at byte 65,536: the data do not match their checksum"):
        read(path)
    path.write_bytes(data[:-60] + bytes([data[-60] ^ 1]) + data[-59:])
    with pytest.raises(RecordError, match="the footer of the Arrow file does not match its checksum"):
        read(path)


def test_other_programs_read_the_file(path: Path) -> None:
    assert pa.ipc.open_file(path).read_all().equals(TABLE)
    assert pyarrow.feather.read_table(path).equals(TABLE)
    assert pl.read_ipc(path)["word"].to_list() == TABLE["word"].to_pylist()
    with path.open("rb") as file:
        file.seek(8)
        assert pa.ipc.open_stream(file).read_all().equals(TABLE)


def test_files_of_other_programs_are_read_unchecked(tmp_path: Path) -> None:
    with pa.ipc.new_file(tmp_path / "b.arrow", TABLE.schema) as writer:
        writer.write_table(TABLE)
    assert read(tmp_path / "b.arrow").column("x").equals(TABLE["x"])
    empty = Dataset.from_arrow(TABLE.slice(0, 0))
    empty.write(tmp_path / "c.arrow")
    assert read(tmp_path / "c.arrow").num_rows == 0


def test_files_at_urls_are_checked(path: Path) -> None:
    data, fs = path.read_bytes(), fsspec.filesystem("memory")
    fs.pipe("/arrow/a.arrow", data)
    assert read("memory://arrow/a.arrow").num_rows == ROWS
    fs.pipe("/arrow/a.arrow", data[:70_000] + bytes([data[70_000] ^ 1]) + data[70_001:])
    with pytest.raises(RecordError, match="the data do not match their checksum"):
        read("memory://arrow/a.arrow")
    fs.rm("/arrow", recursive=True)


def _sum(ds: Dataset, results: "multiprocessing.SimpleQueue[float]") -> None:
    results.put(sum(float(np.sum(batch["x"].to_numpy())) for batch in ds))


def test_processes_that_share_an_open_file_read_their_own_rows(path: Path) -> None:
    ds = Dataset.from_arrow_ipc(path).skip(10)
    expected = sum(float(np.sum(batch["x"].to_numpy())) for batch in ds)
    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    workers = [context.Process(target=_sum, args=(ds, results)) for _ in range(3)]
    for worker in workers:
        worker.start()
    assert [results.get() for _ in workers] == [expected] * 3
    for worker in workers:
        worker.join()
