from pathlib import Path

import pytest

from headrace import records

from ..commands import called, refusal, started


def ids(pattern: str | Path) -> list[str]:
    return [each for batch in records.read(pattern) for each in batch["id"].to_pylist()]


def test_split_names_the_parts_and_tells_their_sizes(shards: list[Path], tmp_path: Path) -> None:
    shown = started("records", "split", *shards, "--by", "0.8,0.1,0.1", "--seed", 5)
    assert shown.code == 0, shown.err
    assert [line.split()[:3] for line in shown.out.splitlines()[2:5]] == [
        ["train", "48", "80.00%"], ["validation", "6", "10.00%"], ["test", "6", "10.00%"]
    ]  # fmt: skip
    parts = [ids(tmp_path / "data-split" / name) for name in ("train", "validation", "test")]
    assert sorted(each for part in parts for each in part) == sorted(ids(tmp_path / "data"))


def test_merge_and_its_shards(shards: list[Path], tmp_path: Path) -> None:
    shown = started("records", "merge", *shards, tmp_path / "one", "--compression", "gzip")
    assert shown.code == 0, shown.err
    assert "60 records of 3 files" in shown.out
    assert ids(tmp_path / "one-00000-of-00001.tfrecord.gz") == ids(tmp_path / "data")
    assert called("records", "merge", *shards, tmp_path / "two", "--shards", 2).code == 0
    assert len(ids(tmp_path / "two-00001-of-00002.tfrecord")) == 30


def test_what_is_there_is_only_replaced_when_asked_to(shards: list[Path], tmp_path: Path) -> None:
    words = ("records", "merge", shards[0], tmp_path / "one")
    assert called(*words).code == 0
    assert "exists already" in refusal(called(*words))
    assert called(*words, "--force").code == 0
    words = ("records", "split", shards[0], "--by", "1,1")
    assert called(*words).code == 0
    assert "--force" in refusal(called(*words))


@pytest.mark.parametrize("options", ["1", "a,b", "1,0", "1,1,1,1", "1,1 --names a,a", "1,1 --names ../a,b"])
def test_parts_that_cannot_be(shards: list[Path], options: str) -> None:
    assert refusal(called("records", "split", shards[0], "--by", *options.split())).startswith("UsageError: ")


def test_a_folder_that_is_not_there(shards: list[Path], tmp_path: Path) -> None:
    assert "create the directory" in refusal(called("records", "merge", shards[0], tmp_path / "no" / "one"))
