"""Reading record files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from headrace.errors import RecordError
from headrace.records import read, write


def numbers(rows: int) -> pa.RecordBatch:
    return pa.record_batch({"n": pa.array(range(rows), pa.int64())})


def column(paths: Any, **options: Any) -> list[list[int]]:
    return [batch["n"].to_pylist() for batch in read(paths, **options)]


def test_batches_span_files(tmp_path: Path) -> None:
    write(tmp_path / "train", [numbers(10)], shards=3)
    assert column(tmp_path / "train", batch_size=4) == [[0, 3, 6, 9], [1, 4, 7, 2], [5, 8]]


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_the_order_does_not_depend_on_threads(tmp_path: Path, threads: int) -> None:
    write(tmp_path / "train", [numbers(5000)])
    found = column(tmp_path / "train", batch_size=7, threads=threads)
    assert [n for batch in found for n in batch] == list(range(5000))


@pytest.fixture
def one_cpu() -> Iterator[None]:
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("this system cannot pin a thread to one CPU")
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    yield
    os.sched_setaffinity(0, allowed)


@pytest.mark.usefixtures("one_cpu")
def test_one_cpu_yields_the_same_batches(tmp_path: Path) -> None:
    texts = ["a" * (n % 90) for n in range(5000)]
    write(tmp_path / "train", [pa.record_batch({"n": range(5000), "text": texts})], shards=3)
    for batch_size in (7, 4096, 10**9):
        alone = list(read(tmp_path / "train", batch_size=batch_size))
        assert alone == list(read(tmp_path / "train", batch_size=batch_size, threads=2))


@pytest.mark.usefixtures("one_cpu")
def test_one_cpu_yields_the_batches_before_an_invalid_record(tmp_path: Path) -> None:
    write(tmp_path / "train", [pa.record_batch({"n": [*range(2500), None, *range(2499)]})])
    stream = read(tmp_path / "train", pa.schema([pa.field("n", pa.int64(), nullable=False)]), batch_size=1000)
    assert [next(stream)["n"][0].as_py() for _ in range(2)] == [0, 1000]
    with pytest.raises(RecordError, match=r"record 2,500 .* feature 'n': is missing"):
        next(stream)


def test_reading_can_stop_early(tmp_path: Path) -> None:
    write(tmp_path / "train", [numbers(5000)])
    stream = read(tmp_path / "train", batch_size=10)
    assert next(stream)["n"].to_pylist() == list(range(10))
    stream.close()  # type: ignore[attr-defined]


def test_only_requested_columns_are_read(tmp_path: Path) -> None:
    batch = pa.record_batch({"a": [1, 2], "b": ["x", "y"], "c": [0.5, 1.5]})
    write(tmp_path / "train", [batch])
    (found,) = read(tmp_path / "train", pa.schema([("c", pa.float32()), ("a", pa.int8())]))
    assert found.to_pydict() == {"c": [0.5, 1.5], "a": [1, 2]}
    (nothing,) = read(tmp_path / "train", pa.schema([]))
    assert nothing.num_rows == 2
