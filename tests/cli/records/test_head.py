import json
from pathlib import Path

import pyarrow as pa
import pytest

from headrace import records

from ..commands import run_command, run_process


def test_a_table_that_fits_the_screen(tmp_path: Path) -> None:
    batch = pa.record_batch({"label": [1, 2, 3], "name": ["sun", None, "Straße"]})
    (path,) = records.write(tmp_path / "data", batch)
    shown = run_process("records", "head", path, "-n", 2)
    assert shown.code == 0, shown.err
    header, _, *rows = shown.out.splitlines()
    assert header.split() == ["label", "name"]
    assert [row.split() for row in rows] == [["1", "sun"], ["2", "–"]]


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_no_line_is_wider_than_the_screen(shards: list[Path], columns: int) -> None:
    shown = run_process("records", "head", *shards, columns=columns)
    assert shown.code == 0, shown.err
    assert max(map(len, shown.out.splitlines())) <= columns
    assert "row-003" in shown.out


def test_many_features_are_shown_one_per_line(tmp_path: Path) -> None:
    (path,) = records.write(tmp_path / "wide", pa.record_batch({f"feature_{i}": [i] for i in range(40)}))
    shown = run_process("records", "head", path)
    assert [line.split() for line in shown.out.splitlines()[2:5]] == [
        [f"feature_{i}", str(i)] for i in range(3)
    ]


def test_control_characters_never_reach_the_terminal(tmp_path: Path) -> None:
    batch = pa.record_batch({"text\x1b[2J": ["\x1b[31mred\x07\r\n"], "list": [["\x9b31m"]]})
    (path,) = records.write(tmp_path / "evil", batch)
    for command in ("head", "stats", "schema"):
        shown = run_command("records", command, path).out
        assert shown
        assert all(each.isprintable() or each == "\n" for each in shown)


def test_bytes_are_shown_by_length_and_first_bytes(shards: list[Path]) -> None:
    assert "3 B: 00 ff 00" in run_process("records", "head", shards[0], columns=200).out


def test_json_lines(shards: list[Path]) -> None:
    shown = run_process("records", "head", shards[0], "-n", 3, "--json")
    rows = [json.loads(line) for line in shown.out.splitlines()]
    assert [row["id"] for row in rows] == ["row-000", "row-003", "row-006"]
    assert rows[0]["score"] is None
    assert rows[1]["blob"] == "<3 bytes>"


def test_without_a_schema_file_only_the_first_records_are_looked_at(
    shards: list[Path], tmp_path: Path
) -> None:
    """The last megabyte of the file is never read: damage there does not matter."""
    (tmp_path / "data.schema.json").unlink()
    path = shards[0]
    many = tmp_path / "many.tfrecord"
    many.write_bytes(path.read_bytes() * (3_000_000 // path.stat().st_size) + b"damage")
    shown = run_process("records", "head", many, "-n", 2)
    assert shown.code == 0, shown.err
    assert "row-003" in shown.out


def test_sequence_examples(tmp_path: Path) -> None:
    context = pa.schema([pa.field("label", pa.int64(), nullable=False)])
    schema = records.SequenceSchema(context, pa.schema([pa.field("steps", pa.list_(pa.list_(pa.int64())))]))
    batch = pa.record_batch({"label": [7], "steps": [[[1], [2, 3]]]}, schema=schema.arrow)
    (path,) = records.write(tmp_path / "seq", [batch], schema=schema)
    assert "[[1], [2, 3]]" in run_command("records", "head", path).out
    shown = run_command("records", "schema", path).out
    assert "context" in shown
    assert "any number × any number" in shown
