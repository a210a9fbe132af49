"""Record files for the commands to read."""

from pathlib import Path

import pyarrow as pa
import pytest

from headrace import records

ROWS = 60


def table(rows: int = ROWS) -> pa.Table:
    """Return a table with missing values, ragged lists, tensors, bytes, and text beyond ASCII."""
    numbers = range(rows)
    return pa.table(
        {
            "id": pa.array([f"row-{row:03}" for row in numbers]),
            "score": pa.array([None if row % 10 == 0 else row / 8 for row in numbers], pa.float32()),
            "label": pa.array([row % 3 for row in numbers]),
            "words": pa.array(
                [None if row % 6 == 5 else ["naïve", "日本", "sun"][: row % 4] for row in numbers],
                pa.list_(pa.string()),
            ),
            "place": pa.array([[row, -row] for row in numbers], pa.list_(pa.float32(), 2)),
            "blob": pa.array([bytes([row, 255, 0]) for row in numbers]),
        },
        schema=pa.schema(
            [
                pa.field("id", pa.string(), nullable=False),
                pa.field("score", pa.float32()),
                pa.field("label", pa.int64(), nullable=False),
                pa.field("words", pa.list_(pa.string())),
                pa.field("place", pa.list_(pa.float32(), 2), nullable=False),
                pa.field("blob", pa.binary(), nullable=False),
            ]
        ),
    )


@pytest.fixture
def shards(tmp_path: Path) -> list[Path]:
    """Write three files of 20 records each, `data-*.tfrecord`, and `data.schema.json`."""
    return [Path(path) for path in records.write(tmp_path / "data", table(), shards=3)]


@pytest.fixture
def no_records(tmp_path: Path) -> Path:
    """Write a text file with the name of a record file."""
    path = tmp_path / "table.tfrecord"
    path.write_text("age,colour,buys\n" * 20)
    return path
