"""A file that changes in the middle of an epoch, or between two, is an error: never rows of both."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.errors import HeadraceError, UsageError

ROWS = 120_000  # more than a block of text
OPEN: dict[str, Callable[[Path], Dataset]] = {
    "csv": Dataset.from_csv,
    "jsonl": Dataset.from_json_lines,
    "parquet": Dataset.from_parquet,
    "arrow": Dataset.from_arrow_ipc,
    "tfrecord": Dataset.from_records,
}
CHANGED = (
    "the file has changed since its first rows were read; open the dataset again, and start the epoch again"
)


def table(value: int) -> pa.Table:
    return pa.table(
        {"row": np.arange(ROWS) + 100_000, "value": np.full(ROWS, value), "word": ["xx" * 9] * ROWS}
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    for format_ in OPEN:
        for value in (1, 2):
            Dataset.from_arrow(table(value)).write(folder / f"{value}.{format_}")
    return folder


@pytest.fixture
def place(written: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Copies the file of a format; its time is that of the day before."""

    def copy(format_: str) -> Path:
        path = tmp_path / f"a.{format_}"
        path.write_bytes((written / f"1.{format_}").read_bytes())
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 86_400))
        return path

    return copy


def overwrite(path: Path, written: Path) -> None:
    path.write_bytes((written / f"2{path.suffix}").read_bytes())


def replace(path: Path, written: Path) -> None:
    other = path.with_name("other")
    overwrite(other.with_suffix(path.suffix), written)
    other.with_suffix(path.suffix).replace(path)


def values(batches: Any) -> set[int]:
    return {value for batch in batches for value in batch["value"].to_pylist()}


@pytest.mark.parametrize("change", [overwrite, replace])
@pytest.mark.parametrize("format_", OPEN)
def test_a_change_in_the_middle_of_an_epoch(place, written: Path, format_: str, change: Any) -> None:
    path = place(format_)
    iterator = iter(OPEN[format_](path).batch(1000))
    first = next(iterator)
    change(path, written)
    if change is replace and format_ != "parquet":  # whose row groups are read from the name
        assert values([first, *iterator]) == {1}
        return
    with pytest.raises(HeadraceError, match=f"{path.name}"):
        values([first, *iterator])


@pytest.mark.parametrize("format_", OPEN)
def test_a_change_between_epochs_and_before_a_resume(place, written: Path, format_: str) -> None:
    path = place(format_)
    ds = OPEN[format_](path).batch(1000)
    iterator = iter(ds)
    next(iterator)
    state = iterator.state_dict()
    assert values(ds) == {1}
    overwrite(path, written)
    for use in (lambda: list(ds), lambda: list(ds.epoch(1)), lambda: iter(ds.batch(7)).state_dict()):
        with pytest.raises(UsageError, match=CHANGED):
            use()
    with pytest.raises(UsageError, match=CHANGED):
        iterator.load_state_dict(state)
    again = OPEN[format_](path).batch(1000)
    assert values(again) == {2}
    with pytest.raises(UsageError, match="the data are not those that the state was saved with"):
        iter(again).load_state_dict(state)


def test_nothing_of_a_changed_file_is_cached_or_written(place, written: Path, tmp_path: Path) -> None:
    path = place("csv")
    iterator = iter(Dataset.from_csv(path).batch(1000).cache(tmp_path / "cached.arrow"))
    next(iterator)
    overwrite(path, written)
    with pytest.raises(UsageError, match=CHANGED):
        list(iterator)
    assert not (tmp_path / "cached.arrow").exists()

    path = place("parquet")

    def change(batch: pa.RecordBatch) -> pa.RecordBatch:
        if batch.num_rows > 1:
            overwrite(path, written)
        return batch

    with pytest.raises(HeadraceError, match="changed"):
        Dataset.from_parquet(path).write(tmp_path / "out" / "rows", "arrow", 3, transformation=change)
    assert not list((tmp_path / "out").glob("rows*"))


def test_a_file_that_is_deleted_or_touched_before_it_is_read(place) -> None:
    path = place("csv")
    ds = Dataset.from_csv(path)
    assert ds.schema.names == ["row", "value", "word"]
    os.utime(path)
    iterator = iter(ds.batch(1000))
    next(iterator)
    path.unlink()
    assert values(iterator) == {1}


def test_another_inode_of_the_same_file_is_no_change(place) -> None:
    """File systems of networks give a file other inodes now and then."""
    path = place("parquet")
    ds = Dataset.from_parquet(path).batch(1000)
    assert values(ds) == {1}
    copy = path.with_name("copy")
    shutil.copy2(path, copy)
    copy.replace(path)
    assert values(ds) == {1}
