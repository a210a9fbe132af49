"""Batches convert to pandas and Polars through Arrow."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from headrace.records import SequenceSchema, default, read, write

CONTEXT = pa.schema(
    [pa.field("label", pa.int64(), nullable=False), default(pa.field("city", pa.string()), "none")]
)
LISTS = pa.schema(
    [pa.field("words", pa.list_(pa.list_(pa.string()))), pa.field("speed", pa.list_(pa.float32()))]
)
SCHEMA = SequenceSchema(CONTEXT, LISTS)
ROWS = [
    {"label": 3, "city": "Köln", "words": [["a", "b"], []], "speed": [0.5]},
    {"label": -1, "city": "none", "words": [], "speed": None},
]


@pytest.fixture
def table(tmp_path: Path) -> pa.Table:
    batch = pa.RecordBatch.from_pylist([{**ROWS[0]}, {**ROWS[1], "city": None}], schema=SCHEMA.arrow)
    write(tmp_path / "train", [batch], schema=SCHEMA)
    return pa.Table.from_batches(read(tmp_path / "train"))


def test_pandas(table: pa.Table) -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    frame = table.to_pandas()
    assert frame["label"].tolist() == [3, -1]
    assert frame["city"].tolist() == ["Köln", "none"]
    assert [[list(step) for step in row] for row in frame["words"]] == [[["a", "b"], []], []]
    assert (list(frame["speed"][0]), frame["speed"][1]) == ([0.5], None)


def test_polars(table: pa.Table, tmp_path: Path) -> None:
    polars = pytest.importorskip("polars", reason="polars is not installed")
    frame = polars.from_arrow(table)
    assert frame.to_dicts() == ROWS
    back = frame.to_arrow()  # in Polars all lists are large
    large = SequenceSchema(back.select(CONTEXT.names).schema, back.select(LISTS.names).schema)
    write(tmp_path / "back", back, schema=large)
    assert pa.Table.from_batches(read(tmp_path / "back")).to_pylist() == ROWS
