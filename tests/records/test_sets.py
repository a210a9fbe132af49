"""A set of record files is complete, or an error."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.errors import RecordError, UsageError
from headrace.records import check, count, infer_schema, merge, read, read_schema, split, write


def numbers(rows: int) -> pa.RecordBatch:
    return pa.record_batch({"n": pa.array(range(rows), pa.int64())})


def column(paths: Any, **options: Any) -> list[int]:
    return sorted(n for batch in read(paths, **options) for n in batch["n"].to_pylist())


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(params=["with a manifest", "without a manifest"])
def shards(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    files = write(tmp_path / "train", [numbers(9)], shards=3)
    if request.param == "without a manifest":
        (tmp_path / "train.manifest.json").unlink()
    return files


def test_a_missing_shard_is_named(shards: list[str], tmp_path: Path) -> None:
    Path(shards[1]).unlink()
    for paths in (tmp_path / "train", tmp_path / "train-*", [tmp_path / "*.tfrecord"]):
        for use in (read, count, check, infer_schema, Dataset.from_records):
            with pytest.raises(UsageError, match="shard is missing: found 2 of 3") as caught:
                use(paths)
            assert caught.value.path == shards[1]


def test_named_shards_and_narrow_patterns_are_read_alone(shards: list[str], tmp_path: Path) -> None:
    Path(shards[1]).unlink()
    assert column(shards[0]) == [0, 3, 6]
    assert column([shards[0], shards[2]]) == [0, 2, 3, 5, 6, 8]
    assert column(tmp_path / "train-00002*") == [2, 5, 8]


def test_tensorflow_names_are_held_to_their_number(shards: list[str], tmp_path: Path) -> None:
    theirs = [tmp_path / f"mnist-train.tfrecord-0000{index}-of-00003" for index in range(3)]
    for ours, path in zip(shards, theirs, strict=True):
        shutil.copy(ours, path)
    assert column(tmp_path / "mnist-train.tfrecord*") == [*range(9)]
    theirs[2].unlink()
    with pytest.raises(UsageError, match="00002-of-00003: shard is missing"):
        column(tmp_path / "mnist-train.tfrecord*")


def test_a_shard_of_another_size_is_refused(tmp_path: Path) -> None:
    shards = write(tmp_path / "train", [numbers(9)], shards=3)
    shutil.copy(shards[0], tmp_path / "backup")
    (other,) = write(tmp_path / "other", [numbers(1)])
    Path(other).replace(shards[0])
    for paths in (tmp_path / "train", shards, shards[0]):
        with pytest.raises(RecordError, match="bytes long, the set's manifest says") as caught:
            column(paths)
        assert caught.value.path == shards[0]
    assert column(shards[1]) == [1, 4, 7]
    assert column(tmp_path / "train", on_corrupt="skip") == [0, 1, 2, 4, 5, 7, 8]
    shutil.copy(tmp_path / "backup", shards[0])
    assert column(tmp_path / "train") == [*range(9)]


def test_check_compares_sizes(tmp_path: Path) -> None:
    shards = write(tmp_path / "train", [numbers(10)], shards=3)
    assert check(tmp_path / "train").ok
    shutil.copy(shards[1], shards[0])  # whole records, but one is missing
    report = check(tmp_path / "train")
    assert [file.error is None for file in report.files] == [False, True, True]
    assert "the set's manifest says" in str(report.files[0].error)


def test_other_numbers_of_shards_replace_the_set(tmp_path: Path) -> None:
    write(tmp_path / "train", [numbers(9)], shards=3)
    write(tmp_path / "train.tfrecord", [numbers(2)])
    assert len(names(tmp_path)) == 6
    write(tmp_path / "train", [numbers(9)], shards=3)
    (tmp_path / "train-00000-of-00003.tfrecord.idx").touch()
    write(tmp_path / "train", [numbers(4)], shards=2, compression="gzip")
    assert [
        name for name in names(tmp_path) if "-of-00003.tfrecord" in name and not name.endswith(".idx")
    ] == []
    assert column(tmp_path / "train") == [0, 1, 2, 3]
    assert (tmp_path / "train.tfrecord").exists()


def test_a_set_without_a_schema_leaves_none_of_the_old_set(tmp_path: Path) -> None:
    write(tmp_path / "train", [pa.record_batch({"other": ["a"]})])
    files = write(tmp_path / "source", [numbers(3)])
    (tmp_path / "source.schema.json").unlink()
    merge(files, tmp_path / "train")
    assert not (tmp_path / "train.schema.json").exists()
    assert column(tmp_path / "train") == [0, 1, 2]


def test_parts_of_a_split_are_sets(tmp_path: Path) -> None:
    files = write(tmp_path / "all", [numbers(100)])
    split(files, {str(tmp_path / "train"): 0.8, str(tmp_path / "test"): 0.2})
    assert sorted(column(tmp_path / "train") + column(tmp_path / "test")) == [*range(100)]
    assert {"train.manifest.json", "test.manifest.json"} <= set(names(tmp_path))
    assert read_schema(tmp_path / "test.schema.json") == numbers(0).schema
