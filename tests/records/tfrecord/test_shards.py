from __future__ import annotations

from pathlib import Path

import pytest

from headrace.errors import UsageError
from headrace.records.tfrecord.shards import resolve, schema_path, shard_path


def names(paths: list[str]) -> list[str]:
    return [Path(path).name for path in paths]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for name in (
        "b-00001-of-00002.tfrecord",
        "b-00000-of-00002.tfrecord",
        "b.schema.json",
        "c.tfrecord",
        "[x].tfrecord",
    ):
        (tmp_path / name).touch()
    return tmp_path


def test_shard_names() -> None:
    assert shard_path("d/train", 3, 8) == "d/train-00003-of-00008.tfrecord"
    assert shard_path("train", 0, 123456, "gzip") == "train-00000-of-123456.tfrecord.gz"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("d/train-00003-of-00008.tfrecord", "d/train.schema.json"),
        ("train-00003-of-00008.tfrecord.gz", "train.schema.json"),
        ("train-00003-of-00008.tfrecord.zz", "train.schema.json"),
        ("s3://bucket/train-00003-of-00008.tfrecord", "s3://bucket/train.schema.json"),
        ("one.tfrecords", "one.schema.json"),
        ("mnist-train.tfrecord-00000-of-00001", "mnist-train.schema.json"),
    ],
)
def test_the_schema_file_of_a_record_file(path: str, expected: str) -> None:
    assert schema_path(path) == expected


def test_files_of_patterns_and_base_names_are_sorted(directory: Path) -> None:
    shards = ["b-00000-of-00002.tfrecord", "b-00001-of-00002.tfrecord"]
    assert names(resolve(directory / "b-*.tfrecord")) == shards
    assert names(resolve(str(directory / "b"))) == shards


def test_a_list_keeps_its_order(directory: Path) -> None:
    given = [directory / "c.tfrecord", str(directory / "b-00001-of-00002.tfrecord")]
    assert names(resolve(given)) == ["c.tfrecord", "b-00001-of-00002.tfrecord"]


def test_companions_of_a_record_file_are_not_record_files(directory: Path) -> None:
    for name in ("c.tfrecord.idx", "c.tfrecord.corrupt", "c.tfrecord.corrupt.jsonl"):
        (directory / name).touch()
    assert names(resolve(directory / "c.*")) == ["c.tfrecord"]


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(directory: Path) -> None:
    assert names(resolve(directory / "[x].tfrecord")) == ["[x].tfrecord"]


@pytest.mark.parametrize("missing", ["none", "none-*.tfrecord", "none.tfrecord"])
def test_a_pattern_without_matches_is_an_error(directory: Path, missing: str) -> None:
    with pytest.raises(UsageError, match=r"no such file|no file matches"):
        resolve(directory / missing)


def test_empty_lists_and_folders_are_rejected(directory: Path) -> None:
    with pytest.raises(UsageError, match="got an empty list"):
        resolve([])
    with pytest.raises(UsageError, match="expected a file, got a folder"):
        resolve(directory)


def test_shards_of_two_sets_are_not_mixed(directory: Path) -> None:
    (directory / "b-00000-of-00001.tfrecord").touch()
    with pytest.raises(UsageError, match="two different sets"):
        resolve(directory / "b-*.tfrecord")
