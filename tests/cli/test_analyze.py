"""`headrace analyze`: analyze files with a function in a Python file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import headrace as hr

from .commands import error_line, run_command

FUNCTION = """import headrace as hr


def preprocess(inputs):
    return {"x": hr.transform.scale_to_z_score(inputs["x"])}


def other(inputs):
    return {"y": hr.transform.scale_to_0_1(inputs["x"])}


def wrong(inputs):
    return {"x": inputs["x"].mean()}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text(FUNCTION)
    for number in range(3):
        table = pa.table({"x": np.arange(10.0) + number + 0.5})
        pq.write_table(table, tmp_path / f"{number}.parquet")
        pyarrow.csv.write_csv(table, tmp_path / f"{number}.csv")
    hr.records.write(tmp_path / "train", table.to_batches(), shards=2)
    return tmp_path


def analyze(folder: Path, data: str, function: str = "mine.py", *more: object) -> tuple[object, ...]:
    words = ("--preprocess", folder / function, "--out", folder / "transform", *more)
    return ("analyze", folder / data, *words)


@pytest.mark.parametrize(
    ("data", "mean"), [("*.parquet", 6.0), ("*.csv", 6.0), ("0.csv", 5.0), ("train", 7.0)]
)
def test_analyze_reads_files_of_any_format(folder: Path, data: str, mean: float) -> None:
    result = run_command(*analyze(folder, data))
    assert result.code == 0, result.err
    assert result.out.startswith("2 statistics, saved in ")
    assert hr.Transform.load(folder / "transform").statistics["mean(x)"] == mean


def test_analyze_caches_states_and_accepts_a_named_function(folder: Path) -> None:
    for _ in range(2):
        result = run_command(*analyze(folder, "*.parquet", "mine.py:other", "--cache-dir", folder / "cache"))
        assert result.code == 0, result.err
    assert len(list((folder / "cache").rglob("*.state"))) == 1  # of the three files, and of all
    assert sorted(hr.Transform.load(folder / "transform").statistics) == ["max(x)", "min(x)"]


@pytest.mark.parametrize(
    ("data", "function", "message"),
    [
        ("*.parquet", "absent.py", "expected a Python file; pass FILE.py:FUNCTION"),
        ("*.parquet", "mine.py:absent", "the file does not define a function 'absent'"),
        ("*.parquet", "mine.py:wrong", "line 13: AttributeError"),
        ("absent", "mine.py", "no such"),
    ],
)
def test_errors_of_analyze_are_one_line(folder: Path, data: str, function: str, message: str) -> None:
    assert message in error_line(run_command(*analyze(folder, data, function)))


def test_an_unknown_engine(folder: Path) -> None:
    line = error_line(run_command(*analyze(folder, "0.csv", "mine.py", "--engine", "flink")))
    assert line == "UsageError: unknown engine 'flink'; choose one of local, beam, spark."
