"""Datasets written once as sets of shards: what is written, where, and what an interrupted run leaves."""

from __future__ import annotations

import os
import pickle
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pyarrow as pa
import pytest

from headrace import records
from headrace.data import Dataset
from headrace.data.formats import open_dataset
from headrace.data.writing import SHARD_FORMATS
from headrace.errors import SchemaError, UsageError
from headrace.storage import FolderLock, Manifest

ROWS = 10_007
SUFFIXES = {
    "tfrecord": ".tfrecord",
    "parquet": ".parquet",
    "arrow": ".arrow",
    "csv": ".csv",
    "jsonl": ".jsonl",
}


class ScatteredTasks:
    """An engine that runs pickled tasks, the last one first."""

    def run_tasks(self, task: Callable[[int], None], numbers: Sequence[int]) -> None:
        data = pickle.dumps(task)
        for number in reversed(numbers):
            pickle.loads(data)(number)


def table() -> pa.Table:
    row = np.arange(ROWS)
    words = [f"word {number}" for number in row]
    return pa.table({"row": row, "half": (row / 2).astype(np.float32), "word": words})


@pytest.fixture
def rows() -> Dataset:
    return Dataset.from_arrow(table())


def read(folder: Path, name: str, format_: str) -> pa.Table:
    data = open_dataset(f"{folder}/{name}-*{SUFFIXES[format_]}")
    return pa.Table.from_batches(list(data), data.schema).select(["row", "half", "word"])


def contents(paths: Sequence[str]) -> list[bytes]:
    return [Path(path).read_bytes() for path in paths]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def double(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch.set_column(1, "half", pa.array(batch["half"].to_numpy() * 2))


@pytest.mark.parametrize("format_", SHARD_FORMATS)
def test_every_format_holds_all_rows_in_order_with_a_manifest(rows, tmp_path: Path, format_: str) -> None:
    paths = rows.write(tmp_path / "out", format_, 3)
    assert [Path(path).name for path in paths] == [
        f"out-{n:05}-of-00003{SUFFIXES[format_]}" for n in range(3)
    ]
    assert read(tmp_path, "out", format_).to_pydict() == table().to_pydict()
    counts = [open_dataset(path).num_rows or sum(b.num_rows for b in open_dataset(path)) for path in paths]
    assert counts == [3335, 3336, 3336]
    (manifest,) = [name for name in names(tmp_path) if name.endswith("manifest.json")]
    found = Manifest.read(f"{tmp_path}/{manifest}")
    assert found is not None
    assert {Path(path).name for path in paths} <= set(found.files)
    found.check_sizes(f"{tmp_path}/")
    for name in found.files:
        found.check_checksum(f"{tmp_path}/", name)
    assert not [name for name in names(tmp_path) if name.startswith(".")]


def test_the_extension_names_the_format_and_one_file(rows, tmp_path: Path) -> None:
    assert rows.write(tmp_path / "all.parquet") == [f"{tmp_path}/all.parquet"]
    assert rows.write(f"{tmp_path}/some.arrow", shards=2)[1] == f"{tmp_path}/some-00001-of-00002.arrow"
    (path,) = rows.write(tmp_path / "packed", compression="gzip")
    assert path.endswith("packed-00000-of-00001.tfrecord.gz")
    for written in (f"{tmp_path}/all.parquet", path):
        assert sum(batch.num_rows for batch in open_dataset(written)) == ROWS


def test_rows_are_shuffled_on_request(rows, tmp_path: Path) -> None:
    first = contents(rows.write(tmp_path / "a", "arrow", 4, shuffle=1))
    assert contents(rows.write(tmp_path / "b", "arrow", 4, shuffle=1)) == first
    assert contents(rows.write(tmp_path / "c", "arrow", 4, shuffle=2)) != first
    found = read(tmp_path, "a", "arrow")
    assert found["row"].to_pylist() != list(range(ROWS))
    assert found.sort_by("row").to_pydict() == table().to_pydict()


def is_even(batch: pa.RecordBatch) -> Any:
    return batch["row"].to_numpy() % 2 == 0


def make(kind: str, folder: Path, rows: Dataset) -> Dataset:
    """Make a dataset of the same rows that is read in another way."""
    if kind == "csv parts":
        return Dataset.from_csv(rows.write(folder / "in", "csv", 3), table().schema)
    if kind == "packed csv":
        (path,) = rows.write(folder / "in.csv")
        subprocess.run(["gzip", path], check=True)
        return Dataset.from_csv(f"{path}.gz")
    if kind == "filtered":
        return Dataset.from_parquet(rows.write(folder / "in", "parquet", 3)).filter(is_even)
    source = {"tfrecord": Dataset.from_records, "parquet": Dataset.from_parquet}.get(kind)
    return rows.map(double) if source is None else source(rows.write(folder / "in", kind, 2))


@pytest.mark.parametrize("kind", ["memory", "tfrecord", "parquet", "csv parts", "packed csv", "filtered"])
@pytest.mark.parametrize("shuffle", [None, 3])
def test_the_bytes_do_not_depend_on_where_and_in_which_order_tasks_run(
    rows, tmp_path: Path, kind: str, shuffle: int | None
) -> None:
    ds = make(kind, tmp_path, rows)
    options: dict[str, Any] = {"shuffle": shuffle, "transformation": double}
    expected = contents(ds.write(tmp_path / "here", "arrow", 4, **options))
    assert contents(ds.write(tmp_path / "there", "arrow", 4, engine=ScatteredTasks(), **options)) == expected
    found = [row for batch in open_dataset(f"{tmp_path}/here-*.arrow") for row in batch["row"].to_pylist()]
    assert sorted(found) == list(range(0, ROWS, 2 if kind == "filtered" else 1))


def combine(kind: str, folder: Path, rows: Dataset) -> Dataset:
    first = Dataset.from_parquet(rows.write(folder / "first", "parquet", 2))
    second = Dataset.from_records(rows.write(folder / "second", "tfrecord", 2))
    if kind == "zip":
        names = {"row": "r", "half": "h", "word": "w"}
        return Dataset.zip([first, second.rename(names)])
    if kind == "split":
        return first.split(0.5, 0.5, seed=0)[0]
    combined = {
        "concatenate": Dataset.concatenate,
        "interleave": Dataset.interleave,
        "mix": lambda datasets: Dataset.mix(datasets, weights=[1, 2], seed=0),
    }
    return combined[kind]([first, second])


@pytest.mark.parametrize("kind", ["concatenate", "interleave", "mix", "zip", "split"])
@pytest.mark.parametrize("shuffle", [None, 3])
def test_combined_datasets_are_written_by_any_process_even_after_use(
    rows, tmp_path: Path, kind: str, shuffle: int | None
) -> None:
    ds = combine(kind, tmp_path, rows)
    expected = [row for batch in ds for row in batch["row"].to_pylist()]
    assert [row for batch in pickle.loads(pickle.dumps(ds)) for row in batch["row"].to_pylist()] == expected
    here = contents(ds.write(tmp_path / "here", "arrow", 3, shuffle=shuffle))
    assert (
        contents(ds.write(tmp_path / "there", "arrow", 3, shuffle=shuffle, engine=ScatteredTasks())) == here
    )
    found = [row for batch in open_dataset(f"{tmp_path}/here-*.arrow") for row in batch["row"].to_pylist()]
    assert sorted(found) == sorted(expected)
    assert (found == expected) == (shuffle is None)


def test_only_the_columns_that_the_function_reads_are_read(rows, tmp_path: Path) -> None:
    seen = set()

    class Length:
        reads = ("word",)

        def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
            seen.update(batch.schema.names)
            return pa.record_batch({"length": pa.array(np.zeros(batch.num_rows, np.int8))})

    ds = Dataset.from_parquet(rows.write(tmp_path / "in", "parquet", 2))
    ds.write(tmp_path / "out", "parquet", 3, transformation=Length())
    assert seen == {"word"}


PROGRAM = """
import os, signal, sys
from pathlib import Path
from headrace.data import Dataset

FOLDER = Path(sys.argv[1])

def maybe_die(batch):
    flag = FOLDER / "kill"
    if flag.exists() and batch["row"][0].as_py() >= 7_000:
        flag.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return batch

ds = Dataset.from_parquet(str(FOLDER / "in.parquet"))
if __name__ == "__main__":
    ds.write(FOLDER / "out", "parquet", 10, shuffle=5, transformation=maybe_die)
"""


def test_a_killed_run_continues_with_the_missing_shards(tmp_path: Path) -> None:
    Dataset.from_arrow(table()).write(tmp_path / "in.parquet")
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [sys.executable, str(tmp_path / "program.py"), str(tmp_path)]
    subprocess.run(command, check=True)
    expected = contents(sorted(map(str, tmp_path.glob("out-*"))))
    for path in tmp_path.glob("out*"):
        path.unlink()

    (tmp_path / "kill").touch()
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert not list(tmp_path.glob("out-*"))
    work = tmp_path / ".out.unfinished"
    finished = {
        path.name[:5]: path for path in work.glob("*.parquet") if Path(f"{path}.finished.json").exists()
    }
    times = {name: path.stat().st_mtime_ns for name, path in finished.items()}

    subprocess.run(command, check=True)
    paths = sorted(tmp_path.glob("out-*"))
    assert contents(list(map(str, paths))) == expected
    assert not work.exists()
    kept = [path for path in paths if path.stat().st_mtime_ns == times.get(path.name[4:9])]
    assert len(kept) == len(finished)


def fail_at_the_end(batch: pa.RecordBatch) -> pa.RecordBatch:
    if ROWS - 1 in batch["row"].to_pylist():
        raise UsageError("the last row")
    return batch


def fail_in_the_same_place(batch: pa.RecordBatch) -> pa.RecordBatch:
    return fail_at_the_end(batch.slice(0))


GENERATOR = np.random.default_rng(0)


def draw(batch: pa.RecordBatch) -> pa.RecordBatch:
    GENERATOR.random()
    return fail_at_the_end(batch)


def write_and_fail(ds: Dataset, folder: Path, **options: Any) -> dict[str, tuple[int, int]]:
    """Write until the error; return what identifies the finished shards: number and time of their files."""
    with pytest.raises(UsageError, match="the last row"):
        ds.write(folder / "out", "arrow", 5, **{"transformation": fail_at_the_end, **options})
    finished = {path.name: path.stat() for path in (folder / ".out.unfinished").glob("*.arrow")}
    return {name: (status.st_ino, status.st_mtime_ns) for name, status in finished.items()}


def test_finished_shards_are_kept_as_long_as_the_work_is_the_same(rows, tmp_path: Path) -> None:
    earlier = contents(rows.write(tmp_path / "out", "arrow", 2))
    first = write_and_fail(rows, tmp_path)
    assert {"00000.arrow", "00001.arrow"} <= set(first)
    assert write_and_fail(rows, tmp_path).items() >= first.items()
    assert contents(sorted(map(str, tmp_path.glob("out-*-of-00002.arrow")))) == earlier
    for change in ({"shuffle": 1}, {"transformation": fail_in_the_same_place}, {"transformation": draw}):
        before = write_and_fail(rows, tmp_path)
        after = write_and_fail(rows, tmp_path, **change)
        assert not set(before.values()) & set(after.values())
    first = write_and_fail(rows, tmp_path, transformation=draw)
    assert not set(first.values()) & set(write_and_fail(rows, tmp_path, transformation=draw).values())
    rows.write(tmp_path / "out", "arrow", 3)
    assert names(tmp_path) == [*[f"out-{n:05}-of-00003.arrow" for n in range(3)], "out.arrow.manifest.json"]


def test_a_damaged_shard_of_an_earlier_run_is_written_again(rows, tmp_path: Path) -> None:
    write_and_fail(rows, tmp_path)
    (tmp_path / ".out.unfinished" / "00000.arrow").write_bytes(b"")
    (tmp_path / ".out.unfinished" / "00001.arrow.finished.json").write_text("{")
    expected = contents(rows.write(tmp_path / "expected", "arrow", 5))
    again = write_and_fail(rows, tmp_path)
    for number in range(2):
        assert (tmp_path / ".out.unfinished" / f"{number:05}.arrow").read_bytes() == expected[number]
    assert len(again) >= 2


def fail(batch: pa.RecordBatch) -> pa.RecordBatch:
    if batch.num_rows > 1:  # the schema is found by one row
        raise UsageError("no row")
    return batch


@pytest.mark.parametrize("engine", [None, ScatteredTasks()])
def test_a_run_that_finishes_no_shard_leaves_nothing(rows, tmp_path: Path, engine: Any) -> None:
    with pytest.raises(UsageError, match="no row"):
        rows.write(tmp_path / "new" / "folder" / "out", "csv", 3, transformation=fail, engine=engine)
    assert not names(tmp_path)
    (tmp_path / "old").mkdir()
    with pytest.raises(UsageError, match="no row"):
        rows.write(tmp_path / "old" / "new" / "out.arrow", transformation=fail, engine=engine)
    assert names(tmp_path) == ["old"]
    assert not names(tmp_path / "old")


def test_what_others_put_into_the_work_folder_is_deleted(rows, tmp_path: Path) -> None:
    (tmp_path / ".out.unfinished" / "folder").mkdir(parents=True)
    (tmp_path / ".out.unfinished" / "folder" / "file").touch()
    rows.write(tmp_path / "out", "arrow")
    assert names(tmp_path) == ["out-00000-of-00001.arrow", "out.arrow.manifest.json"]


def test_two_runs_do_not_write_the_same_files(rows, tmp_path: Path) -> None:
    with (
        FolderLock(tmp_path / ".out.unfinished"),
        pytest.raises(UsageError, match="another process is writing"),
    ):
        rows.write(tmp_path / "out", "parquet")


def test_files_are_written_to_urls(rows) -> None:
    paths = rows.write("memory://written/out", "tfrecord", 2, shuffle=1)
    assert sorted(
        row for batch in open_dataset("memory://written/out") for row in batch["row"].to_pylist()
    ) == list(range(ROWS))
    paths += rows.write("memory://written/out.parquet", shards=2)
    fs = fsspec.filesystem("memory")
    found = sorted(Path(path).name for path in fs.find("/written"))
    expected = [Path(path).name for path in paths]
    assert found == sorted([*expected, "out.manifest.json", "out.schema.json", "out.parquet.manifest.json"])
    fs.rm("/written", recursive=True)


@pytest.mark.parametrize("format_", SHARD_FORMATS)
def test_no_rows_and_fewer_rows_than_shards_are_written_too(rows, tmp_path: Path, format_: str) -> None:
    for count in (0, 2):
        paths = rows.take(count).write(tmp_path / f"{count}", format_, 3)
        assert len(paths) == 3
        if format_ in ("parquet", "arrow", "tfrecord"):
            assert read(tmp_path, f"{count}", format_).to_pydict() == table().slice(0, count).to_pydict()


def test_progress_counts_the_rows_of_all_shards(rows, tmp_path: Path) -> None:
    counts: list[int] = []
    rows.write(tmp_path / "out", "arrow", 4, progress=counts.append)
    assert sorted(counts) == [2501, 2502, 2502, 2502]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "orc"}, "unknown format 'orc'; choose one of tfrecord, parquet, arrow, csv, jsonl"),
        ({"shards": 0}, "shards is 0; pass 1 or more"),
        ({"format": "csv", "shards": -1}, "shards is -1; pass 1 or more"),
        ({"format": "csv", "compression": "gzip"}, "compression 'gzip' applies to TFRecord only"),
        ({"compression": "lzma"}, "lzma"),
    ],
)
def test_wrong_arguments_are_refused(rows, tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        rows.write(tmp_path / "out", **options)
    assert not names(tmp_path)


@pytest.mark.parametrize(
    "extension", [".xyz", ".CSV", ".json", ".csv.gz", ".txt", ".feather", ".tfrecord.xz"]
)
def test_an_extension_of_no_format_is_refused(rows, tmp_path: Path, extension: str) -> None:
    known = r"expected .tfrecord, .parquet, .arrow, .csv, .jsonl or no extension, got"
    with pytest.raises(UsageError, match=f"out{re.escape(extension)}: {known}"):
        rows.write(tmp_path / f"out{extension}")
    with pytest.raises(UsageError, match=r"expected \.parquet or no extension, got '.csv'"):
        rows.write(tmp_path / "out.csv", "parquet")
    with pytest.raises(UsageError, match=r"expected \.tfrecord or no extension, got '.parquet'"):
        records.write(tmp_path / "out.parquet", [table()])
    assert not names(tmp_path)


def test_a_base_name_may_have_a_version(rows, tmp_path: Path) -> None:
    assert rows.take(1).write(tmp_path / "out.v2", "csv") == [f"{tmp_path}/out.v2-00000-of-00001.csv"]
    assert rows.take(1).write(tmp_path / "out.1.5") == [f"{tmp_path}/out.1.5-00000-of-00001.tfrecord"]


def test_a_missing_folder_is_created_and_one_that_cannot_be_is_named(rows, tmp_path: Path) -> None:
    (path,) = rows.write(tmp_path / "new" / "folder" / "out", "parquet")
    assert Path(path).exists()
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="file"):
        rows.write(tmp_path / "file" / "out", "parquet")


def test_rows_of_images_are_written_in_small_batches(tmp_path: Path) -> None:
    most = 0

    def measure(batch: pa.RecordBatch) -> pa.RecordBatch:
        nonlocal most
        most = max(most, batch.nbytes)
        return batch

    pixels = np.zeros((200, 256 * 1024), np.uint8)
    Dataset.from_arrays({"pixels": pixels}).write(tmp_path / "out", "arrow", 2, transformation=measure)
    assert most <= 17 << 20
    assert os.path.getsize(tmp_path / "out-00000-of-00002.arrow") > 100 * 256 * 1024  # noqa: PTH202


def test_columns_are_stored_as_serialised_tensors_and_read_everywhere_by_one_rule(tmp_path):
    values = np.random.default_rng(0).normal(size=(10, 2, 3))
    ds = Dataset.from_arrays({"x": values, "y": np.arange(10)})
    ds.write(tmp_path / "out", shards=3, serialized=["x"])
    field = records.read_schema(tmp_path / "out.schema.json").field("x")
    assert field.metadata == {b"serialized": b"tensor"}
    table = pa.Table.from_batches(list(ds))
    for found in (
        list(records.read(tmp_path / "out")),
        list(Dataset.from_records(tmp_path / "out")),
        list(Dataset.from_records(tmp_path / "out", columns=["x", "y"]).shuffle(0).take(10)),
    ):
        rows = pa.Table.from_batches(found).sort_by("y")
        assert rows["x"].combine_chunks().to_numpy_ndarray().tolist() == values.tolist()
        assert rows["y"].to_pylist() == table["y"].to_pylist()
    with pytest.raises(UsageError, match="serialized applies to TFRecord only"):
        ds.write(tmp_path / "out.parquet", serialized=["x"])
    with pytest.raises(SchemaError, match="'z': no such column"):
        ds.write(tmp_path / "other", serialized=["z"])
