"""The section on stages of docs/data.md: every stage is in its table, and its code runs."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from headrace.data.methods.dataset_stages import DatasetStages

PAGE = Path(__file__).parents[3] / "docs" / "data.md"


def section():
    parts = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return next(part for part in parts if part.startswith("Stages"))


def test_every_method_that_appends_a_stage_is_in_the_table():
    rows = [line.split("|")[1] for line in section().splitlines() if line.startswith("| `")]
    listed = set(re.findall(r"`(\w+)", "".join(rows)))
    methods = {name for name in dir(DatasetStages) if not name.startswith("_")}
    assert methods - {"apply"} <= listed


def test_the_code_runs(tmp_path, monkeypatch):
    generator = np.random.default_rng(0)
    ids = [generator.integers(3, 999, length).astype(np.int32) for length in generator.integers(5, 400, 300)]
    hours = np.tile(np.arange(100), 3)
    tables = {
        "reviews": {"ids": pa.array(ids, pa.list_(pa.int32())), "label": np.arange(300) % 2},
        "weather": {
            "hour": hours,
            "station": np.repeat(["a", "b", "c"], 100),
            "temperature": hours.astype(np.float32),
            "pressure": generator.normal(size=300),
        },
        "clicks": {"clicked": (np.arange(2000) % 20 == 0).astype(np.int64)},
    }
    for name, columns in tables.items():
        pq.write_table(pa.table(columns), tmp_path / f"{name}.parquet")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", section(), re.DOTALL):
        exec(compile(block, "docs/data.md", "exec"), names)
    assert names["cells"] <= 1.2 * sum(map(len, ids))
    assert sum(batch.num_rows for batch in names["by_tokens"]) == 300
    assert names["packed"].schema.names == ["ids", "label", "segment_ids", "position_ids"]
    batch = next(iter(names["train"]))
    last = [row[-1] for row in batch["temperature"].to_pylist()]
    assert batch["temperature_target"].to_pylist() == [hour + 6 for hour in last]
    clicked = [row for batch in names["even"] for row in batch["clicked"].to_pylist()]
    assert 0.3 < np.mean(clicked) < 0.7
    assert {round(row, 2) for batch in names["weighted"] for row in batch["weight"].to_pylist()} == {
        0.53,
        9.57,
    }
