"""The rows of small record files are parsed once, and kept."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.data.sources import RecordSource
from headrace.data.sources.memory import kept_rows
from headrace.errors import RecordError
from headrace.records import write

ROWS = 400


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    batch = pa.record_batch({"n": range(ROWS), "t": ["x" * (n % 50) for n in range(ROWS)]})
    return write(tmp_path / "train", [batch], shards=3)


def forget(files: list[str]) -> None:
    """Overwrite the data, so that only rows in memory can be read."""
    for file in files:
        with open(file, "r+b") as opened:  # noqa: PTH123 - the file must stay the same one
            opened.write(bytes(os.path.getsize(file)))  # noqa: PTH202


def test_rows_are_kept_once_a_quarter_has_been_taken(files: list[str]) -> None:
    rows = RecordSource.from_paths(files).open_rows()
    assert rows is not None
    assert rows.in_memory
    expected = [row for batch in rows.scan() for row in batch.to_pylist()]
    order = np.random.default_rng(0).permutation(ROWS)
    assert rows.take(order[:100]).to_pylist() == [expected[row] for row in order[:100]]
    forget(files)
    for chosen in (order, np.array([7, 7, 399, 0]), np.arange(0)):
        taken = rows.take(chosen)
        assert taken.schema == RecordSource.from_paths(files, rows.take(order[:1]).schema).schema
        assert taken.to_pylist() == [expected[row] for row in chosen]


def test_few_rows_are_read_by_themselves(files: list[str]) -> None:
    rows = RecordSource.from_paths(files).open_rows()
    assert rows is not None
    rows.take(np.arange(20))
    forget(files)
    with pytest.raises(RecordError, match="expected a record of the length"):
        rows.take(np.arange(2))


@pytest.mark.parametrize("limit", [1_000, 20_000])
def test_rows_above_the_limit_are_not_kept(
    files: list[str], monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    """The records have 30 kB; decoded, they have 14 kB."""
    monkeypatch.setattr(kept_rows, "_MOST_BYTES", limit)
    rows = RecordSource.from_paths(files).open_rows()
    assert rows is not None
    assert not rows.in_memory
    expected = rows.take(np.arange(ROWS))
    forget(files)
    with pytest.raises(RecordError):
        rows.take(np.arange(ROWS))
    assert expected.num_rows == ROWS


def test_a_corrupt_record_is_reported_when_it_is_taken(files: list[str]) -> None:
    with open(files[0], "r+b") as opened:  # noqa: PTH123
        opened.seek(14)
        opened.write(b"?")
    rows = RecordSource.from_paths(files).open_rows()
    assert rows is not None
    assert rows.take(np.arange(1, ROWS)).num_rows == ROWS - 1
    with pytest.raises(RecordError, match="record 0 at byte 0: the data do not match their checksum"):
        rows.take(np.arange(ROWS))


def test_threads_share_kept_rows(files: list[str]) -> None:
    rows = RecordSource.from_paths(files).open_rows()
    assert rows is not None
    expected = [row for batch in rows.scan() for row in batch.to_pylist()]
    parts = np.split(np.random.default_rng(0).permutation(ROWS), 40)
    with ThreadPoolExecutor(8) as pool:
        taken = [row for part in pool.map(rows.take, parts) for row in part.to_pylist()]
    assert taken == [expected[row] for row in np.concatenate(parts)]


def test_another_process_reads_its_own(files: list[str]) -> None:
    rows = RecordSource.from_paths(files).open_rows()
    assert rows is not None
    rows.take(np.arange(ROWS))
    data = pickle.dumps(rows)
    assert len(data) < 10_000
    assert pickle.loads(data).take(np.array([5, 300])).equals(rows.take(np.array([5, 300])))


def shuffled(dataset: Dataset) -> list[int]:
    return [n for batch in dataset.shuffle(seed=1).batch(32) for n in batch["n"].to_pylist()]


def resharded(dataset: Dataset) -> list[int]:
    return [n for batch in dataset.shuffle(seed=1).shard(1, 3).batch(16) for n in batch["n"].to_pylist()]


@pytest.mark.parametrize("read", [shuffled, resharded])
def test_the_order_is_the_same_with_and_without_memory(
    files: list[str], monkeypatch: pytest.MonkeyPatch, read: Callable[[Dataset], list[int]]
) -> None:
    kept = read(Dataset.from_records(files))
    monkeypatch.setattr(kept_rows, "_MOST_BYTES", 0)
    assert read(Dataset.from_records(files)) == kept


def test_shuffled_records_become_tensors_without_loading_pandas(files: list[str]) -> None:
    code = (
        "import sys; from headrace.data import Dataset; import pyarrow as pa\n"
        f"ds = Dataset.from_records({files!r}, columns=['n']).shuffle(0).batch(8)\n"
        "print(len(list(ds.to_torch())), 'pandas' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["50", "False"]
