"""Names of shards say how many there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from headrace.errors import UsageError
from headrace.storage import Shard, check_shards


@pytest.mark.parametrize(
    ("path", "shard"),
    [
        ("train-00000-of-00002.tfrecord.gz", Shard("train", 0, 2, ".tfrecord.gz")),
        ("a/mnist-train.tfrecord-00001-of-00002", Shard("a/mnist-train.tfrecord", 1, 2, "")),
        ("rows-123456-of-200000.csv", Shard("rows", 123456, 200000, ".csv")),
        ("train-0000-of-0002.tfrecord", None),
        ("train.tfrecord", None),
        ("a-00000-of-00001/b.csv", None),
    ],
)
def test_names_are_parsed(path: str, shard: Shard | None) -> None:
    assert Shard.parse(path) == shard
    assert shard is None or shard.path == path


def test_a_missing_shard_is_named() -> None:
    paths = [Shard("d/train", index, 3, ".csv").path for index in range(3)]
    check_shards([*paths, "other.csv"])
    with pytest.raises(UsageError, match=r"d/train-00001-of-00003.csv: shard is missing: found 2 of 3"):
        check_shards([paths[0], paths[2]])
    check_shards(paths[:1], is_wanted=lambda path: path == paths[0])


@pytest.mark.parametrize("name", ["train", "train.csv"])
def test_a_base_name_stands_for_both_ways_of_naming_shards(name: str) -> None:
    """As Headrace and TensorFlow write them, and as TensorFlow Datasets does."""
    suffix = re.compile(r"\.csv(\.gz)?")
    assert Shard("d/train.csv", 0, 2, "").is_named_by(f"d/{name}", suffix)
    assert Shard("d/train", 0, 2, ".csv.gz").is_named_by(f"d/{name}", suffix) == (name == "train")
    assert not Shard("d/train", 0, 2, ".csv.manifest.json").is_named_by(f"d/{name}", suffix)
    assert not Shard("d/train2", 0, 2, ".csv").is_named_by(f"d/{name}", suffix)


def test_several_named_shards_need_the_others_to_exist(tmp_path: Path) -> None:
    paths = [Shard(str(tmp_path / "train"), index, 4, ".csv").path for index in range(4)]
    for path in paths[:3]:
        Path(path).touch()
    with pytest.raises(UsageError, match=r"train-00003-of-00004.csv: shard is missing: found 2 of 4"):
        check_shards(paths[:2], lambda _: False)
    check_shards(paths[:1], lambda _: False)
    Path(paths[3]).touch()
    check_shards(paths[:2], lambda _: False)
