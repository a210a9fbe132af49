"""A saved position is refused by other data and other functions, and accepted by the same ones elsewhere."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.errors import UsageError

_spec = importlib.util.spec_from_file_location("program", Path(__file__).parent / "identity" / "program.py")
assert _spec is not None
assert _spec.loader is not None
program = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(program)

TABLE = pa.table({"text": [f"the film {row} was good" for row in range(200)], "n": np.arange(200)})


def pipeline(source: Dataset, function: Callable[[Any], Any]) -> Dataset:
    return source.shuffle(seed=1).map(function).batch(8)


def test_a_state_is_refused_by_more_than_100_changed_functions(tmp_path: Path) -> None:
    rows = Dataset.from_arrow(TABLE)
    ds = pipeline(rows, program.load(program.FILES, tmp_path).prepare)
    iterator = iter(ds)
    next(iterator)
    state = iterator.state_dict()
    expected = list(iterator)
    refused = 0
    for files in program.mutations():
        other = iter(pipeline(rows, program.load(files, tmp_path).prepare))
        with pytest.raises(UsageError, match="function"):
            other.load_state_dict(state)
        refused += 1
    assert refused > 100
    for files in list(program.harmless())[::10]:
        same = iter(pipeline(rows, program.load(files, tmp_path).prepare))
        same.load_state_dict(state)
        assert list(same) == expected


@pytest.mark.parametrize("format_", ["parquet", "tfrecord", "arrow", "csv", "jsonl"])
def test_a_state_is_refused_by_files_of_which_any_byte_changed(tmp_path: Path, format_: str) -> None:
    read = {
        "parquet": Dataset.from_parquet, "tfrecord": Dataset.from_records, "arrow": Dataset.from_arrow_ipc,
        "csv": Dataset.from_csv, "jsonl": Dataset.from_json_lines,
    }[format_]  # fmt: skip
    (tmp_path / "here").mkdir()
    paths = Dataset.from_arrow(TABLE).write(tmp_path / "here" / "rows", format_, 2)
    iterator = iter(read(paths).batch(16))
    next(iterator)
    state = iterator.state_dict()
    expected = list(iterator)

    shutil.copytree(tmp_path / "here", tmp_path / "there")
    moved = [path.replace("/here/", "/there/") for path in paths]
    for path in moved:
        os.utime(path, ns=(0, 0))
    iterator = iter(read(moved).batch(16))
    iterator.load_state_dict(state)
    assert list(iterator) == expected

    random = np.random.default_rng(0)
    for number in range(25):
        path = Path(moved[number % 2])
        data = path.read_bytes()
        place = int(random.integers(len(data)))
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        os.utime(path, ns=(0, 0))
        changed = iter(Dataset(type(read(paths).source)(tuple(moved))).batch(16))
        with pytest.raises(UsageError, match="data"):
            changed.load_state_dict(state)
        path.write_bytes(data)
        os.utime(path, ns=(0, 0))


def test_a_state_is_refused_by_tables_of_which_any_value_changed() -> None:
    state = iter(Dataset.from_arrow(TABLE).batch(8)).state_dict()
    values = TABLE["n"].to_numpy()
    for row in range(0, 200, 8):
        other = values.copy()
        other[row] += 1
        changed = Dataset.from_arrow(TABLE.set_column(1, "n", pa.array(other)))
        with pytest.raises(UsageError, match="data"):
            iter(changed.batch(8)).load_state_dict(state)
    iter(Dataset.from_arrow(TABLE.slice(0)).batch(8)).load_state_dict(state)


class LazyModel:
    """A function that changes its own state when it is called."""

    def __init__(self, factor: int = 2) -> None:
        self.factor = factor
        self.calls = 0
        self.model: np.ndarray | None = None

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        self.calls += 1
        if self.model is None:
            self.model = np.full(1, self.factor)
        return batch.set_column(1, "n", pa.array(batch["n"].to_numpy() * self.model))


def test_what_a_function_changes_in_itself_by_use_does_not_count() -> None:
    rows = Dataset.from_arrow(TABLE)
    ds = pipeline(rows, LazyModel())
    for epoch in (0, 1):
        iterator = iter(ds.epoch(epoch))
        for _ in range(3):
            next(iterator)
        state = iterator.state_dict()
        again = iter(pipeline(rows, LazyModel()))
        again.load_state_dict(state)
        assert list(again) == list(iterator)
    with pytest.raises(UsageError, match="function"):
        iter(pipeline(rows, LazyModel(3))).load_state_dict(state)
