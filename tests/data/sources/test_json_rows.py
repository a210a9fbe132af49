"""A shuffle of JSON lines goes on within a pool without parsing the lines that it has emitted."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headrace.data import Dataset
from headrace.data.iterator import seal_state
from headrace.data.json_values import JsonLineParser
from headrace.data.sources.json_rows import read_lines
from headrace.errors import SchemaError

ROWS = 160


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headrace.data.sources.json_blocks._BLOCK", 700)
    monkeypatch.setattr("headrace.data.sources.json_rows._TEXT", 100)
    monkeypatch.setattr("headrace.data.stages.shuffle._OUTPUT_ROWS", 8)


def line(row: int) -> str:
    return json.dumps({"x": row, "text": f"ä {row}", "list": [row] * (row % 4)}, ensure_ascii=False)


def write(folder: Path, blanks: bool = False) -> list[Path]:
    """Write files of which one is empty and one has no line break at its end."""
    paths: list[Path] = []
    for number, rows in enumerate((range(70), range(0), range(70, 71), range(71, ROWS))):
        lines = [line(row) for row in rows]
        if blanks:
            lines = ["", " \t", *(each for row in lines for each in (row, *["", "\r"][: len(row) % 3]))]
        paths.append(folder / f"{number}.jsonl")
        paths[-1].write_text("\n".join(lines) + "\n" * (number % 2), encoding="utf-8")
    return paths


def resume(ds: Dataset, state: dict[str, Any]) -> Any:
    iterator = iter(ds)
    iterator.load_state_dict(json.loads(json.dumps(state)))
    return iterator


def states(ds: Dataset) -> list[dict[str, Any]]:
    iterator, found = iter(ds), []
    while next(iterator, None) is not None:
        found.append(iterator.state_dict())
    return found


@pytest.mark.parametrize(
    ("blanks", "cells", "window"),  # few cells: a block has several batches
    [(False, 4 << 20, None), (True, 4 << 20, 37), (True, 20, 37), (False, 20, "2kB")],
)
def test_every_position_continues_with_the_same_batches(tmp_path, monkeypatch, blanks, cells, window):
    monkeypatch.setattr("headrace.data.json_values.parse._MAX_CELLS", cells)
    ds = Dataset.from_json_lines(write(tmp_path, blanks)).shuffle(3, window=window).epoch(1)
    whole = list(ds)
    assert sorted(row for batch in whole for row in batch["x"].to_pylist()) == list(range(ROWS))
    for number, state in enumerate(states(ds), 1):
        assert list(resume(ds, state)) == whole[number:]


def test_the_position_of_a_resumed_pass_continues_too(tmp_path):
    ds = Dataset.from_json_lines(write(tmp_path)).shuffle(3, window=100).batch(5)
    whole = list(ds)
    iterator = iter(ds)
    for number in range(len(whole)):
        assert next(iterator) == whole[number]
        iterator = resume(ds, iterator.state_dict())
    assert next(iterator, None) is None


def test_only_the_lines_that_are_still_to_come_are_parsed(tmp_path, monkeypatch):
    ds = Dataset.from_json_lines(write(tmp_path)).shuffle(0)
    found = states(ds)
    parsed: list[int] = []
    parse = JsonLineParser.parse

    def count(self: JsonLineParser, text: bytes, *place: Any) -> Any:
        parsed.append(text.count(b"\n"))
        return parse(self, text, *place)

    monkeypatch.setattr(JsonLineParser, "parse", count)
    iterator = resume(ds, found[9])
    next(iterator)
    assert sum(parsed) == 8
    next(iterator)
    next(iterator)
    assert sum(parsed) == 8 + 16
    assert sum(batch.num_rows for batch in iterator) == ROWS - 104
    assert sum(parsed) == ROWS - 80


def test_a_damaged_line_is_named_when_a_pass_is_resumed(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(line, range(ROWS))))
    state = states(Dataset.from_json_lines(path).shuffle(0))[0]
    path.write_text(path.read_text().replace('"x": 111,', '"x": "b",'))
    schema = Dataset.from_json_lines(tmp_path / "a.jsonl", types={"x": "int64"}).schema
    ds = Dataset.from_json_lines(path, schema=schema).shuffle(0)
    begun = iter(Dataset.from_json_lines(path, schema=schema).shuffle(0)).state_dict()
    state = {**begun, "cursor": state["cursor"], "rows": state["rows"]}
    with pytest.raises(SchemaError, match="expected") as caught:
        list(resume(ds, seal_state(state)))
    assert caught.value.line == 112


def test_lines_are_found_by_the_numbers_of_their_rows(tmp_path):
    files = [str(path) for path in write(tmp_path, blanks=True)]
    rows = np.array([0, 1, 69, 70, 71, 159])
    text = b"".join(read_lines(files, None, rows, 1 << 20)).decode()
    assert [json.loads(each)["x"] for each in text.splitlines()] == rows.tolist()
    assert list(read_lines(files, None, rows[:0], 1 << 20)) == []
    assert b"".join(read_lines(files, None, rows + 1, 1 << 20)).count(b"\n") == 5
