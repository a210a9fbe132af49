import json
import re
import shutil

import pytest

from headrace import datasets

from ..commands import run_command


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return datasets.prepare("housing", tmp_path_factory.mktemp("data"), shards=2)


@pytest.fixture
def folder(prepared, tmp_path):
    """A copy that a test may damage."""
    return shutil.copytree(prepared, tmp_path / "housing")


def test_a_sample_is_as_its_card_says() -> None:
    result = run_command("datasets", "verify", "movie_reviews")
    assert result.code == 0
    assert re.search(r"^train +640  320 of each of 2 +as the card says", result.out, re.MULTILINE)


def test_a_prepared_folder_is_as_its_card_says(folder) -> None:
    result = run_command("datasets", "verify", folder)
    assert result.code == 0
    assert re.search(r"^test +4,128  - +as the card says", result.out, re.MULTILINE)


def test_a_damaged_record_is_named(folder) -> None:
    shard = next(folder.glob("*test.tfrecord-00001-of-00002"))
    data = bytearray(shard.read_bytes())
    data[5_000] ^= 1
    shard.write_bytes(data)
    result = run_command("datasets", "verify", folder)
    assert result.code == 1
    assert re.search(r"^train .* as the card says", result.out, re.MULTILINE)
    assert re.search(r"^test .* wrong", result.out, re.MULTILINE)
    assert re.search(rf"^test: .*{shard.name}", result.out, re.MULTILINE)


def test_rows_that_are_missing_are_counted(folder) -> None:
    path = folder / "dataset_info.json"
    stored = json.loads(path.read_text())
    stored["splits"][1]["shardLengths"] = ["2064", "2065"]
    path.write_text(json.dumps(stored))
    result = run_command("datasets", "verify", folder)
    assert result.code == 1
    assert "test: expected 4,129 rows, got 4,128" in result.out
