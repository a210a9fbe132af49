from pathlib import Path

import pytest

from headrace import records

from ..commands import error_line, run_command, run_process


def ids(pattern: str | Path) -> list[str]:
    return [each for batch in records.read(pattern) for each in batch["id"].to_pylist()]


def test_split_prints_the_parts_and_their_sizes(shards: list[Path], tmp_path: Path) -> None:
    shown = run_process("records", "split", *shards, "--by", "0.8,0.1,0.1", "--seed", 5)
    assert shown.code == 0, shown.err
    assert [line.split()[:3] for line in shown.out.splitlines()[2:5]] == [
        ["train", "48", "80.00%"], ["validation", "6", "10.00%"], ["test", "6", "10.00%"]
    ]  # fmt: skip
    parts = [ids(tmp_path / "data-split" / name) for name in ("train", "validation", "test")]
    assert sorted(each for part in parts for each in part) == sorted(ids(tmp_path / "data"))


def test_merge_into_one_file_and_into_shards(shards: list[Path], tmp_path: Path) -> None:
    shown = run_process("records", "merge", *shards, tmp_path / "one", "--compression", "gzip")
    assert shown.code == 0, shown.err
    assert "60 records from 3 files" in shown.out
    assert ids(tmp_path / "one-00000-of-00001.tfrecord.gz") == ids(tmp_path / "data")
    assert run_command("records", "merge", *shards, tmp_path / "two", "--shards", 2).code == 0
    assert len(ids(tmp_path / "two-00001-of-00002.tfrecord")) == 30


def test_existing_files_are_replaced_only_with_force(shards: list[Path], tmp_path: Path) -> None:
    words = ("records", "merge", shards[0], tmp_path / "one")
    assert run_command(*words).code == 0
    assert "already exists" in error_line(run_command(*words))
    assert run_command(*words, "--force").code == 0
    words = ("records", "split", shards[0], "--by", "1,1")
    assert run_command(*words).code == 0
    assert "--force" in error_line(run_command(*words))


@pytest.mark.parametrize("options", ["1", "a,b", "1,0", "1,1,1,1", "1,1 --names a,a", "1,1 --names ../a,b"])
def test_invalid_parts(shards: list[Path], options: str) -> None:
    assert error_line(run_command("records", "split", shards[0], "--by", *options.split())).startswith(
        "UsageError: "
    )


def test_a_missing_output_folder(shards: list[Path], tmp_path: Path) -> None:
    assert "create the directory" in error_line(
        run_command("records", "merge", shards[0], tmp_path / "no" / "one")
    )
