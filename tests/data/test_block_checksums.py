"""Byte flips of Parquet files that Headrace wrote: the same answer or one clear line, never another."""

from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headrace.data import Dataset
from headrace.data.sinks import write_parquet
from headrace.errors import HeadraceError

RANDOM = np.random.default_rng(0)
BATCH = pa.record_batch(
    {
        "x": RANDOM.random(300),
        "n": pa.array([None if row % 7 == 0 else row for row in range(300)], pa.int32()),
        "s": [f"word {row % 11}" for row in range(300)],
        "v": pa.array([[row, row + 1] for row in range(300)], pa.list_(pa.int64(), 2)),
    }
)


def read(path: Path) -> list[pa.RecordBatch]:
    return list(Dataset.from_parquet(path))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_parquet(tmp_path / "a.parquet", [BATCH], BATCH.schema)
    return tmp_path / "a.parquet"


def flip(path: Path, flips: int, seed: int) -> list[str]:
    """Flip one byte at a time; return the messages."""
    data, expected, random = path.read_bytes(), read(path), Random(seed)
    messages = []
    for _ in range(flips):
        changed = bytearray(data)
        changed[random.randrange(len(data))] ^= random.randrange(1, 256)
        path.write_bytes(changed)
        try:
            assert read(path) == expected
        except HeadraceError as error:
            messages.append(str(error))
    return messages


def test_byte_flips_of_our_parquet_are_refused_in_one_line(path: Path) -> None:
    """`make fuzz` flips more."""
    messages = flip(path, 250, seed=1)
    assert len(messages) > 240
    assert all(message.startswith(str(path)) and "\n" not in message for message in messages)


def test_byte_flips_of_two_row_groups_and_many_blocks(tmp_path: Path) -> None:
    path = tmp_path / "large.parquet"
    batch = pa.record_batch({"x": RANDOM.random(40_000)})
    write_parquet(path, [batch], batch.schema)
    assert len(flip(path, 40, seed=2)) >= 39


def test_other_programs_read_our_files_and_verify_their_pages(path: Path) -> None:
    assert pq.ParquetFile(path, page_checksum_verification=True).read().to_batches()[0].equals(BATCH)


def test_checksums_that_other_programs_copy_into_other_files_are_ignored(path: Path, tmp_path: Path) -> None:
    copied = pq.read_metadata(path).metadata
    assert {b"headrace.blocks", b"headrace.crc32c"} < set(copied)
    del copied[b"ARROW:schema"]
    table = pq.read_table(path).replace_schema_metadata(copied)
    pq.write_table(table.slice(0, 10), tmp_path / "copy.parquet", compression="none")
    assert sum(batch.num_rows for batch in read(tmp_path / "copy.parquet")) == 10
    write_parquet(tmp_path / "ours.parquet", table.to_batches(), table.schema)
    assert read(tmp_path / "ours.parquet")[0].num_rows == 300
    assert len(flip(tmp_path / "ours.parquet", 20, seed=3)) >= 19


def test_a_damaged_column_does_not_matter_where_others_are_read(tmp_path: Path) -> None:
    batch = pa.record_batch({"a": RANDOM.random(30_000), "b": RANDOM.random(30_000)})
    write_parquet(tmp_path / "a.parquet", [batch], batch.schema)
    data = bytearray((tmp_path / "a.parquet").read_bytes())
    data[1000] ^= 1  # of the first column
    (tmp_path / "a.parquet").write_bytes(data)
    assert (
        sum(each.num_rows for each in Dataset.from_parquet(tmp_path / "a.parquet", columns=["b"])) == 30_000
    )
    with pytest.raises(HeadraceError, match=r"a.parquet at byte 0: the data do not match their checksum"):
        read(tmp_path / "a.parquet")


def test_empty_files_have_checksums(tmp_path: Path) -> None:
    write_parquet(tmp_path / "a.parquet", [], BATCH.schema)
    assert read(tmp_path / "a.parquet") == []
    assert len(flip(tmp_path / "a.parquet", 60, seed=4)) >= 55
