"""What every verb says of sources that cannot be read: one line on standard error, and exit code 2."""

import re
from pathlib import Path

import pytest

from ..commands import called, refusal

READING = [
    ("head",),
    ("schema",),
    ("stats",),
    ("check",),
    ("split", "--by", "1,1"),
    ("merge", "never"),
    ("index",),
]


@pytest.mark.parametrize("verb", READING, ids="-".join)
def test_no_such_file(verb: tuple[str, ...], tmp_path: Path) -> None:
    name, *rest = verb
    absent = tmp_path / "absent.tfrecord"
    assert refusal(called("records", name, absent, *rest)).startswith(f"UsageError: {absent}: ")


@pytest.mark.parametrize("verb", READING, ids="-".join)
def test_a_glob_without_files(verb: tuple[str, ...], tmp_path: Path) -> None:
    name, *rest = verb
    assert refusal(called("records", name, tmp_path / "*.tfrecord", *rest)).startswith("UsageError: ")


@pytest.mark.parametrize("verb", READING, ids="-".join)
def test_no_tfrecord_file(verb: tuple[str, ...], no_records: Path) -> None:
    name, *rest = verb
    assert refusal(called("records", name, no_records, *rest)).startswith(
        f"RecordError: {no_records}, record 0"
    )


@pytest.mark.parametrize("verb", [each for each in READING if each[0] != "check"], ids="-".join)
def test_a_truncated_file(verb: tuple[str, ...], shards: list[Path], tmp_path: Path) -> None:
    name, *rest = verb
    cut = tmp_path / "cut.tfrecord"
    cut.write_bytes(shards[0].read_bytes()[:50])
    line = refusal(called("records", name, cut, *rest))
    assert re.match(rf"RecordError: {cut}, record 0 at byte 0: the file ends", line)
