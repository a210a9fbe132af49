"""Sources that cannot be read: each command prints one line to standard error, with exit code 2."""

import re
from pathlib import Path

import pytest

from ..commands import error_line, run_command

COMMANDS = [
    ("head",),
    ("schema",),
    ("stats",),
    ("check",),
    ("split", "--by", "1,1"),
    ("merge", "never"),
    ("index",),
]


@pytest.mark.parametrize("command", COMMANDS, ids="-".join)
def test_a_missing_file(command: tuple[str, ...], tmp_path: Path) -> None:
    name, *rest = command
    absent = tmp_path / "absent.tfrecord"
    assert error_line(run_command("records", name, absent, *rest)).startswith(f"UsageError: {absent}: ")


@pytest.mark.parametrize("command", COMMANDS, ids="-".join)
def test_a_glob_without_matches(command: tuple[str, ...], tmp_path: Path) -> None:
    name, *rest = command
    assert error_line(run_command("records", name, tmp_path / "*.tfrecord", *rest)).startswith("UsageError: ")


@pytest.mark.parametrize("command", COMMANDS, ids="-".join)
def test_a_file_that_is_not_a_tfrecord_file(command: tuple[str, ...], no_records: Path) -> None:
    name, *rest = command
    assert error_line(run_command("records", name, no_records, *rest)).startswith(
        f"RecordError: {no_records}, record 0"
    )


@pytest.mark.parametrize("command", [each for each in COMMANDS if each[0] != "check"], ids="-".join)
def test_a_truncated_file(command: tuple[str, ...], shards: list[Path], tmp_path: Path) -> None:
    name, *rest = command
    cut = tmp_path / "cut.tfrecord"
    cut.write_bytes(shards[0].read_bytes()[:50])
    line = error_line(run_command("records", name, cut, *rest))
    assert re.match(rf"RecordError: {cut}, record 0 at byte 0: the file ends", line)
