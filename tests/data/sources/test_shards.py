"""Sets of shards in every format: complete or refused, found by their base name."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headrace.data import Dataset
from headrace.errors import UsageError

FORMATS: dict[str, Callable[[Any], Dataset]] = {
    "parquet": Dataset.from_parquet,
    "csv": Dataset.from_csv,
    "jsonl": Dataset.from_json_lines,
    "arrow": Dataset.from_arrow_ipc,
    "tfrecord": Dataset.from_records,
}


@pytest.fixture(params=FORMATS)
def written(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Callable[[Any], Dataset], list[str]]:
    paths = Dataset.from_arrays({"x": [*range(9)]}).write(tmp_path / "train", request.param, shards=3)
    return FORMATS[request.param], paths


def test_a_base_name_finds_all_shards(written: Any, tmp_path: Path) -> None:
    read, _ = written
    assert sorted(x for batch in read(tmp_path / "train") for x in batch["x"].to_pylist()) == [*range(9)]


def test_shards_0_and_2_of_3_are_refused_however_they_are_named(written: Any, tmp_path: Path) -> None:
    read, paths = written
    Path(paths[1]).unlink()
    given = [
        tmp_path / "train",
        tmp_path / "train-*-of-*",
        [paths[0], paths[2]],
        str(tmp_path / "train-{00000,00002}*"),
    ]
    if read == Dataset.from_parquet:
        given.append(tmp_path)  # a folder
    for each in given:
        with pytest.raises(UsageError, match="shard is missing: found"):
            read(each)


def test_a_folder_with_one_shard_of_three_is_refused(tmp_path: Path) -> None:
    paths = Dataset.from_arrays({"x": [*range(9)]}).write(tmp_path / "train", "parquet", shards=3)
    for path in (*paths[:2], tmp_path / "train.parquet.manifest.json"):
        Path(path).unlink()
    with pytest.raises(UsageError, match="shard is missing: found 1 of 3"):
        Dataset.from_parquet(tmp_path)
