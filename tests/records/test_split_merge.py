from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from headrace import _native, records
from headrace.errors import RecordError, SchemaError, UsageError

PAYLOADS = [bytes([row % 251]) * (row * 37 % 900) for row in range(2500)]


def write(path: Path, payloads: list[bytes], compression: str | None = None) -> Path:
    with records.RecordWriter(path, compression) as writer:
        for payload in payloads:
            writer.write(payload)
    return path


def payloads(path: str | Path) -> list[bytes]:
    return list(records.RecordReader(path))


def test_gathered_frames_are_complete_frames() -> None:
    data = b"".join(map(_native.frame, PAYLOADS[:50]))
    starts, lengths, *_ = _native.scan_frames(data)
    for chosen in ([0, 1, 2], [3, 1], [49], [], list(range(50))):
        gathered = _native.gather_frames(data, starts[chosen], lengths[chosen])
        assert gathered.tobytes() == b"".join(_native.frame(PAYLOADS[row]) for row in chosen)


@pytest.mark.parametrize(("start", "length"), [(11, 5), (12, 6), (-1, 0), (12, -1), (2**62, 2**62), (18, 0)])
def test_frames_outside_the_data_are_rejected(start: int, length: int) -> None:
    data = _native.frame(b"12345")
    with pytest.raises(ValueError, match="outside"):
        _native.gather_frames(data, np.array([start]), np.array([length]))


@pytest.mark.parametrize("compression", [None, "gzip"])
def test_merge_keeps_order_and_bytes(tmp_path: Path, compression: str | None) -> None:
    write(tmp_path / "a.tfrecord", PAYLOADS[:1000])
    write(tmp_path / "b.tfrecord.gz", PAYLOADS[1000:], "gzip")
    seen: list[int] = []
    (path,) = records.merge(
        [tmp_path / "a.tfrecord", tmp_path / "b.tfrecord.gz"], tmp_path / "all", compression=compression,
        progress=seen.append,
    )  # fmt: skip
    assert payloads(path) == PAYLOADS
    assert sum(seen) == len(PAYLOADS)
    assert not (tmp_path / "all.schema.json").exists()


def test_merge_distributes_records_to_shards_in_turn(tmp_path: Path) -> None:
    source = write(tmp_path / "a.tfrecord", PAYLOADS)
    made = records.merge(source, tmp_path / "out", shards=3)
    assert [payloads(path) for path in made] == [PAYLOADS[index::3] for index in range(3)]


def test_the_schema_file_is_copied(tmp_path: Path) -> None:
    batch = pa.record_batch({"image": pa.array([[1, 2, 3]] * 10, pa.list_(pa.uint8(), 3))})
    files = records.write(tmp_path / "a", batch, shards=2)
    records.merge(files, tmp_path / "b")
    assert (tmp_path / "b.schema.json").read_bytes() == (tmp_path / "a.schema.json").read_bytes()
    records.split(files, {str(tmp_path / "c"): 1, str(tmp_path / "d"): 1})
    assert next(records.read(tmp_path / "d")).schema == batch.schema
    other = records.write(tmp_path / "other", pa.record_batch({"x": [1]}))
    with pytest.raises(SchemaError, match="differs"):
        records.merge([*files, *other], tmp_path / "e")


def split(folder: Path, source: Path, shares: list[float], **options: int) -> list[list[bytes]]:
    bases = {str(folder / f"part{index}"): share for index, share in enumerate(shares)}
    counts = records.split(source, bases, **options)
    parts = [payloads(f"{base}-00000-of-00001.tfrecord") for base in bases]
    assert list(counts.values()) == list(map(len, parts))
    return parts


@pytest.mark.parametrize("shares", [[0.8, 0.1, 0.1], [1, 2], [1, 1, 1], [0.999, 0.001]])
def test_split_gives_every_record_to_one_part_in_order(tmp_path: Path, shares: list[float]) -> None:
    names = [row.to_bytes(2, "big") for row in range(2500)]
    parts = split(tmp_path, write(tmp_path / "a.tfrecord", names), shares)
    assert sorted(name for part in parts for name in part) == names
    assert all(part == sorted(part) for part in parts)
    for part, share in zip(parts, shares, strict=True):
        assert abs(len(part) - 2500 * share / sum(shares)) <= 2
        first_thousand = sum(int.from_bytes(name, "big") < 1000 for name in part)
        assert abs(first_thousand - 1000 * share / sum(shares)) <= 1


def test_small_files_are_split_by_shares(tmp_path: Path) -> None:
    parts = split(tmp_path, write(tmp_path / "a.tfrecord", PAYLOADS[:10]), [0.8, 0.1, 0.1])
    assert list(map(len, parts)) == [8, 1, 1]


def test_the_seed_determines_the_parts(tmp_path: Path) -> None:
    source = write(tmp_path / "a.tfrecord", [row.to_bytes(2, "big") for row in range(2000)])
    first = split(tmp_path, source, [1, 1], seed=3)
    assert split(tmp_path, source, [1, 1], seed=3) == first
    assert split(tmp_path, source, [1, 1], seed=4) != first


def test_corrupt_input_leaves_no_files(tmp_path: Path) -> None:
    source = write(tmp_path / "a.tfrecord", PAYLOADS)
    source.write_bytes(source.read_bytes()[:-1])
    with pytest.raises(RecordError, match="ends inside"):
        records.merge(source, tmp_path / "b")
    with pytest.raises(RecordError, match="ends inside"):
        records.split(source, {str(tmp_path / "c"): 1, str(tmp_path / "d"): 1})
    assert list(tmp_path.iterdir()) == [source]


def test_invalid_shares_and_shards_are_rejected(tmp_path: Path) -> None:
    source = write(tmp_path / "a.tfrecord", PAYLOADS[:3])
    with pytest.raises(UsageError, match="shards"):
        records.merge(source, tmp_path / "b", shards=0)
    for shares in ({}, {"x": 0.0, "y": 1.0}, {"x": -1.0}, {"x": float("inf")}):
        with pytest.raises(UsageError, match="parts"):
            records.split(source, shares)
