import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from headrace import records
from headrace.cli.records.feature_statistics import collect_statistics

from ..commands import run_command, run_process


def test_statistics_of_every_kind_of_feature(shards: list[Path]) -> None:
    shown = run_command("records", "stats", *shards, "--json")
    assert shown.code == 0, shown.err
    found = {each["name"]: each for each in json.loads(shown.out)["features"]}
    score = [row / 8 for row in range(60) if row % 10]
    assert found["score"]["missing"] == 6
    assert found["score"]["numbers"] == {
        "count": 54, "min": 1 / 8, "mean": pytest.approx(np.mean(score)), "max": 59 / 8, "zeros": 0
    }  # fmt: skip
    assert found["label"]["numbers"]["zeros"] == 20
    assert found["words"]["missing"] == 10
    assert found["words"]["lengths"]["max"] == 3
    assert found["words"]["words"]["frequent"][0][0] == "naïve"
    assert found["blob"]["sizes"]["mean"] == 3
    assert found["blob"]["words"] is None
    assert found["id"]["words"]["distinct"] == 60
    assert found["place"]["numbers"]["count"] == 120


@pytest.mark.parametrize("columns", [80, 120])
def test_the_tables(shards: list[Path], columns: int) -> None:
    shown = run_process("records", "stats", *shards, columns=columns)
    assert shown.code == 0, shown.err
    assert max(map(len, shown.out.splitlines())) <= columns
    assert "60 records" in shown.out
    assert "10.0%" in shown.out


def test_statistics_do_not_depend_on_batches_and_nan_is_missing() -> None:
    table = pa.table({"x": [1.0, float("nan"), None, 0.0], "s": ["a", "", None, "a"]})
    once = collect_statistics(table.schema, table.to_batches())
    assert collect_statistics(table.schema, table.to_batches(max_chunksize=1)) == once
    assert once[0].missing == 2
    assert (once[0].numbers.count, once[0].numbers.zeros) == (2, 1)  # type: ignore[union-attr]
    assert once[1].missing == 1
    assert once[1].words.frequent == (("a", 2),)  # type: ignore[union-attr]


def test_too_many_distinct_strings_are_not_counted() -> None:
    batches = [pa.record_batch({"s": [f"{part}-{row}" for row in range(60_000)]}) for part in range(4)]
    (found,) = collect_statistics(batches[0].schema, batches)
    assert found.words is None
    assert found.rows == 240_000


def test_a_column_without_any_value(tmp_path: Path) -> None:
    table = pa.table(
        {"x": pa.array([None, None], pa.float32()), "w": pa.array([None, None], pa.list_(pa.string()))}
    )
    (path,) = records.write(tmp_path / "data", table)
    assert "100.0%" in run_command("records", "stats", path).out
    assert (
        json.loads(run_command("records", "stats", path, "--json").out)["features"][0]["numbers"]["min"]
        is None
    )
