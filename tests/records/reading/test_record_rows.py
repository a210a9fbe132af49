"""Rows of record files by number, through several files."""

from __future__ import annotations

import os
import pickle
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.errors import HeadraceError, RecordError, SchemaError, UsageError
from headrace.records import SequenceSchema, read, write, write_index
from headrace.records.reading import RecordIndex, RecordRows, find_schema, record_rows
from headrace.records.reading.chunks import CHUNK_SIZE
from headrace.records.tfrecord.open_files import OpenFiles

ROWS = 100


@pytest.fixture(params=["files", "few open files"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How many files may be open."""
    if request.param == "few open files":
        monkeypatch.setattr("headrace.records.tfrecord.open_files._MOST_OPEN", 2)
    return request.param


def write_rows(folder: Path, shards: int = 3) -> list[str]:
    batch = pa.record_batch({"n": range(ROWS), "t": ["x" * n for n in range(ROWS)]})
    return write(folder / "train", [batch], shards=shards)


def open_rows(files: list[str]) -> RecordRows:
    index = RecordIndex.build(files)
    assert index is not None
    return RecordRows(index, find_schema(files))


def all_rows(files: list[str]) -> list[dict[str, object]]:
    return [row for batch in read(files) for row in batch.to_pylist()]


@pytest.mark.parametrize("indexed", [True, False])
def test_rows_are_numbered_through_all_files(tmp_path: Path, place: str, indexed: bool) -> None:  # noqa: ARG001
    files = write_rows(tmp_path)
    if indexed:
        write_index(files)
    rows = open_rows(files)
    assert (rows.num_rows, rows.blocks) == (ROWS, None)
    assert rows.row_bytes == pytest.approx(sum(os.path.getsize(f) for f in files) / ROWS)  # noqa: PTH202
    expected = all_rows(files)
    for chosen in ([0, 99, 34, 33, 34, 35], [], list(range(100)), [67] * 5, list(range(99, -1, -1))):
        taken = rows.take(np.array(chosen, np.int64))
        assert taken.schema == rows.schema
        assert taken.to_pylist() == [expected[row] for row in chosen]


@settings(max_examples=30, deadline=None)
@given(chosen=st.lists(st.lists(st.integers(0, ROWS - 1), max_size=60), max_size=5), shards=st.integers(1, 5))
def test_any_rows(tmp_path_factory: pytest.TempPathFactory, chosen: list[list[int]], shards: int) -> None:
    files = write_rows(tmp_path_factory.mktemp("rows"), shards)
    rows, expected = open_rows(files), all_rows(files)
    for numbers in chosen:
        assert rows.take(np.array(numbers, np.int64)).to_pylist() == [expected[row] for row in numbers]


def test_threads_share_a_reader(tmp_path: Path, place: str) -> None:  # noqa: ARG001
    files = write_rows(tmp_path)
    rows, expected = open_rows(files), all_rows(files)
    order = np.random.default_rng(0).permutation(ROWS)
    with ThreadPoolExecutor(8) as pool:
        parts = list(pool.map(rows.take, np.split(np.tile(order, 20), 200)))
    taken = [row for part in parts for row in part.to_pylist()]
    assert taken == [expected[row] for row in order] * 20


def test_empty_files_have_no_rows(tmp_path: Path) -> None:
    files = write(tmp_path / "train", [pa.record_batch({"n": [1]})], shards=3)
    rows = open_rows(files)
    assert rows.num_rows == 1
    assert rows.take(np.array([0])).to_pylist() == [{"n": 1}]
    assert [batch.num_rows for batch in rows.scan()] == [1]


def test_a_number_out_of_range_is_refused(tmp_path: Path) -> None:
    rows = open_rows(write_rows(tmp_path))
    for outside in (-1, ROWS):
        with pytest.raises(UsageError, match="expected record numbers below 100, got"):
            rows.take(np.array([0, outside]))


def test_features_that_the_schema_does_not_name_are_skipped(tmp_path: Path) -> None:
    files = write_rows(tmp_path)
    index = RecordIndex.build(files)
    assert index is not None
    rows = RecordRows(index, pa.schema([find_schema(files).field("n")]))  # type: ignore[union-attr]
    expected = all_rows(files)
    assert rows.take(np.array([7, 3])).to_pylist() == [{"n": expected[row]["n"]} for row in (7, 3)]


def test_sequence_examples(tmp_path: Path, place: str) -> None:  # noqa: ARG001
    schema = SequenceSchema(pa.schema([("n", pa.int64())]), pa.schema([("w", pa.list_(pa.string()))]))
    batch = pa.record_batch({"n": range(9), "w": [["a"] * n for n in range(9)]}, schema=schema.arrow)
    files = write(tmp_path / "train", [batch], shards=2, schema=schema)
    taken = open_rows(files).take(np.array([8, 0, 3]))
    expected = all_rows(files)
    assert taken.to_pylist() == [expected[8], expected[0], expected[3]]


@pytest.mark.parametrize("change", ["gzip", "pipe", "url"])
def test_files_that_cannot_be_read_by_number_have_no_index(tmp_path: Path, change: str) -> None:
    files = write(
        tmp_path / "t", [pa.record_batch({"n": [1]})], compression="gzip" if change == "gzip" else None
    )
    if change == "pipe":
        os.mkfifo(tmp_path / "pipe")
        files = [str(tmp_path / "pipe")]
    assert RecordIndex.build(["memory://x.tfrecord"] if change == "url" else files) is None


def flip(path: str, offset: int) -> None:
    data = bytearray(Path(path).read_bytes())
    data[offset] ^= 1
    os.utime(path, ns=(0, 0))
    status = os.stat(path)  # noqa: PTH116
    with open(path, "r+b") as file:  # noqa: PTH123 - the file must stay the same one
        file.write(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_corrupt_record_is_found_when_it_is_read(tmp_path: Path, place: str) -> None:  # noqa: ARG001
    files = write_rows(tmp_path)
    bounds = [int(line.split()[0]) for line in Path(write_index(files)[1]).read_text().splitlines()]
    flip(files[1], bounds[5] + 20)
    rows = open_rows(files)
    first = sum(1 for _ in read(files[0], batch_size=1))
    with pytest.raises(RecordError, match=r"record 5 at .*do not match their checksum") as caught:
        rows.take(np.array([0, first + 5, 3]))
    assert (caught.value.path, caught.value.offset) == (files[1], bounds[5])
    assert rows.take(np.array([first + 4, first + 6])).num_rows == 2


def test_a_record_that_does_not_match_the_schema_is_named(tmp_path: Path, place: str) -> None:  # noqa: ARG001
    files = write(tmp_path / "train", [pa.record_batch({"n": [1, None, 3]})])
    index = RecordIndex.build(files)
    assert index is not None
    rows = RecordRows(index, pa.schema([pa.field("n", pa.int64(), nullable=False)]))
    with pytest.raises(RecordError, match="feature 'n': is missing") as caught:
        rows.take(np.array([2, 1, 0]))
    assert (caught.value.path, caught.value.record) == (files[0], 1)


def test_an_index_of_other_records_is_found(tmp_path: Path, place: str) -> None:  # noqa: ARG001
    files = write(tmp_path / "train", [pa.record_batch({"t": ["a", "bb", "ccc"]})])
    (index,) = write_index(files)
    lines = Path(index).read_text().splitlines()
    (first, a), (_, b), third = (line.split() for line in lines)
    Path(index).write_text(f"{first} {b}\n{b} {a}\n{' '.join(third)}\n")
    with pytest.raises(RecordError, match="expected a record of the length in the index"):
        open_rows(files).take(np.array([0]))


@pytest.mark.parametrize("cut", [5, 30])
def test_a_truncated_file_is_refused(tmp_path: Path, cut: int) -> None:
    files = write_rows(tmp_path, 1)
    os.truncate(files[0], os.path.getsize(files[0]) - cut)  # noqa: PTH202
    with pytest.raises(RecordError, match="the file ends inside this record"):
        RecordIndex.build(files)


def test_a_file_truncated_after_it_was_opened(tmp_path: Path) -> None:
    files = write_rows(tmp_path, 1)
    rows = open_rows(files)
    rows.take(np.array([0]))
    os.truncate(files[0], 100)
    with pytest.raises(RecordError, match=r"record 99 at .* truncated since it was opened"):
        rows.take(np.array([0, 99]))


def test_a_file_that_has_changed_is_refused(tmp_path: Path, place: str) -> None:  # noqa: ARG001
    files = write_rows(tmp_path)
    rows = open_rows(files)
    path = Path(files[1])
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data)
    with pytest.raises(UsageError, match="has changed since its records were counted") as caught:
        rows.take(np.arange(ROWS))
    assert caught.value.path == files[1]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_scan_continues_with_the_same_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    monkeypatch.setattr(record_rows, "available_cpus", lambda: threads)
    data = np.random.default_rng(0)
    sizes = data.integers(500, 3_000, 12_000)
    batches = [pa.record_batch({"n": [n], "d": [bytes(size)]}) for n, size in enumerate(sizes.tolist())]
    files = write(tmp_path / "train", iter(batches), shards=2)
    assert max(map(os.path.getsize, files)) < CHUNK_SIZE
    small = write(tmp_path / "long", [pa.record_batch({"n": range(20), "d": [bytes(2_000_000)] * 20})])
    rows = open_rows([*files, *small])
    whole = [batch["n"].to_pylist() for batch in rows.scan()]
    assert whole == [batch["n"].to_pylist() for batch in read([*files, *small], threads=threads)]
    start = 0
    for number, batch in enumerate(whole):
        if number % 3 == 0:
            assert [rest["n"].to_pylist() for rest in rows.scan(start)] == whole[number:]
        start += len(batch)
    assert list(rows.scan(start)) == []
    flat = [n for batch in whole for n in batch]
    for start in (1, 4_095, 5_001, 8_003):
        assert [n for batch in rows.scan(start) for n in batch["n"].to_pylist()] == flat[start:]


def test_a_reader_travels_to_another_process(tmp_path: Path) -> None:
    rows = open_rows(write_rows(tmp_path))
    rows.take(np.arange(ROWS))
    copy = pickle.loads(pickle.dumps(rows))
    assert copy.take(np.array([5, 70])).equals(rows.take(np.array([5, 70])))


def open_descriptors(folder: Path) -> int:
    """Count this process's descriptors of files in a folder."""
    links = []
    for each in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # another thread has closed it
            links.append(each.readlink())
    return sum(link.is_relative_to(folder) for link in links)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors by /proc")
def test_no_file_stays_open(tmp_path: Path, place: str) -> None:
    files = write_rows(tmp_path, 5)
    rows = open_rows(files)
    rows.take(np.arange(ROWS))
    assert open_descriptors(tmp_path) <= (2 if place == "few open files" else 5)
    assert sum(batch.num_rows for batch in rows.scan(10)) == ROWS - 10
    del rows
    assert open_descriptors(tmp_path) == 0


def test_no_more_files_are_opened_than_the_process_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda _: (64, 64))
    assert OpenFiles([], []).capacity == 16


def failing(action: Callable[[], object]) -> Iterator[HeadraceError]:
    try:
        action()
    except HeadraceError as error:
        yield error


def test_errors_in_many_threads_name_their_own_record(tmp_path: Path) -> None:
    files = write(tmp_path / "train", [pa.record_batch({"n": [None if n % 2 else n for n in range(50)]})])
    index = RecordIndex.build(files)
    assert index is not None
    rows = RecordRows(index, pa.schema([pa.field("n", pa.int64(), nullable=False)]))
    found: dict[int, int | None] = {}

    def take(row: int) -> None:
        for error in failing(lambda: rows.take(np.array([row]))):
            found[row] = error.record  # type: ignore[attr-defined]

    threads = [threading.Thread(target=take, args=(row,)) for row in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {row: row for row in range(1, 50, 2)}


def test_an_index_file_of_another_file_is_refused(tmp_path: Path) -> None:
    files = write_rows(tmp_path, 1)
    Path(f"{files[0]}.idx").write_text("0 20\n")
    with pytest.raises(SchemaError, match="does not match its record file"):
        RecordIndex.build(files)
