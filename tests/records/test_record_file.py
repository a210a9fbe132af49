"""Records by number, with an index file or without."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fsspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.errors import HeadraceError, RecordError, SchemaError, UsageError
from headrace.records import RecordFile, RecordWriter, write, write_index

WORDS = [b"one", b"", b"three" * 100, b"four"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with RecordWriter(tmp_path / "a.tfrecord") as writer:
        for word in WORDS:
            writer.write(word)
    return tmp_path / "a.tfrecord"


def test_an_index_is_offset_and_length_of_each_frame(path: Path) -> None:
    assert write_index(path) == [f"{path}.idx"]
    assert Path(f"{path}.idx").read_text() == "0 19\n19 16\n35 516\n551 20\n"


@pytest.mark.parametrize("indexed", [True, False])
def test_records_by_number(path: Path, indexed: bool) -> None:
    if indexed:
        write_index(path)
    with RecordFile(path) as file:
        assert (len(file), [file[i] for i in (3, 0, -2, 1)]) == (4, [WORDS[i] for i in (3, 0, 2, 1)])
        assert list(file) == WORDS
        for outside in (4, -5):
            with pytest.raises(IndexError):
                file[outside]


@given(st.lists(st.integers(0, 49), max_size=60))
def test_rows_in_any_order(tmp_path_factory: pytest.TempPathFactory, rows: list[int]) -> None:
    base = tmp_path_factory.mktemp("rows") / "train"
    (path,) = write(base, [pa.record_batch({"n": range(50), "t": ["x" * n for n in range(50)]})])
    batch = RecordFile(path).read(rows)
    assert batch.to_pylist() == [{"n": n, "t": "x" * n} for n in rows]


def test_errors_name_the_requested_record(tmp_path: Path) -> None:
    (path,) = write(tmp_path / "train", [pa.record_batch({"n": [1, None, 3]})])
    required = pa.schema([pa.field("n", pa.int64(), nullable=False)])
    with pytest.raises(RecordError, match="feature 'n': is missing") as caught:
        RecordFile(path).read([2, 1, 0], required)
    assert caught.value.record == 1
    with pytest.raises(UsageError, match="expected record numbers below 3, got 0 to 3"):
        RecordFile(path).read([0, 3])


def test_corruption_is_detected_when_the_record_is_read(path: Path) -> None:
    write_index(path)
    data = bytearray(path.read_bytes())
    data[600 - 40] ^= 1  # in the last header
    data[40 + 100] ^= 1  # in the third record's data
    path.write_bytes(data)
    file = RecordFile(path)
    assert file[0] == b"one"
    with pytest.raises(RecordError, match="record 2 at byte 35: the data do not match"):
        file[2]
    with pytest.raises(RecordError, match="record 3 at byte 551: expected a record of the length"):
        file[3]


@pytest.mark.parametrize(
    "text",
    [
        "0 19\n19 16\n",
        "0 19\n19 16\n35 516\n551 21\n",
        "0 19\n19 16\n36 515\n551 20\n",
        "5 19\n",
        "0 -1\n",
        "0 571 9\n",
        "a b\n",
        "\0",
        "0 9223372036854775807\n1 9223372036854775807\n",
        "0\n571\n",
        "0 \n",
    ],
)
def test_an_index_that_does_not_match_is_rejected(path: Path, text: str) -> None:
    Path(f"{path}.idx").write_text(text)
    with pytest.raises(SchemaError, match="write the index again") as caught:
        RecordFile(path)
    assert caught.value.path == f"{path}.idx"


def test_an_index_of_another_file_of_the_same_size_is_detected(path: Path) -> None:
    write_index(path)
    with RecordWriter(path) as writer:
        for word in reversed(WORDS):
            writer.write(word)
    with pytest.raises(RecordError, match="expected a record of the length in the index"):
        RecordFile(path)[0]


def test_a_file_truncated_while_open_is_an_error(path: Path) -> None:
    file = RecordFile(path)
    path.write_bytes(path.read_bytes()[:40])
    assert file[0] == b"one"
    with pytest.raises(UsageError, match="has been truncated"):
        file[2]


@pytest.mark.parametrize("by", [RecordFile, write_index])
@pytest.mark.parametrize("compression", ["gzip", "zlib"])
def test_compressed_files_are_rejected(
    tmp_path: Path, by: Callable[[Path], object], compression: str
) -> None:
    with RecordWriter(tmp_path / "a", compression) as writer:
        writer.write(b"one")
    with pytest.raises(UsageError, match="write it again without compression"):
        by(tmp_path / "a")
    assert len(list(tmp_path.iterdir())) == 1


def test_a_corrupt_file_is_not_indexed(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])
    for by in (RecordFile, write_index):
        with pytest.raises(RecordError):
            by(path)
    assert not Path(f"{path}.idx").exists()


def test_an_empty_file_has_no_records(tmp_path: Path) -> None:
    with RecordWriter(tmp_path / "a"):
        pass
    assert len(RecordFile(tmp_path / "a")) == 0
    write_index(tmp_path / "a")
    assert list(RecordFile(tmp_path / "a")) == []
    assert RecordFile(tmp_path / "a").read([], pa.schema([("n", pa.int64())])).num_rows == 0


def test_threads_and_processes_share_a_file(path: Path) -> None:
    file = RecordFile(path)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(file.__getitem__, list(range(4)) * 50)) == WORDS * 50
    assert list(pickle.loads(pickle.dumps(file))) == WORDS


def test_a_file_at_a_url_is_read() -> None:
    try:
        with RecordWriter("memory://index/a.tfrecord") as writer:
            for word in WORDS:
                writer.write(word)
        write_index("memory://index/*.tfrecord")
        assert list(RecordFile("memory://index/a.tfrecord")) == WORDS
    finally:
        fsspec.filesystem("memory").rm("/index", recursive=True)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(HeadraceError, match="No such file"):
        RecordFile(tmp_path / "missing")
