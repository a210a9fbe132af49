"""Rows in which every column is a function of the row number, so that a mix of two rows is detected."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from tests.waiting import no_new_threads

from headrace.columns import Ragged, from_arrow, to_arrow
from headrace.data import Dataset

ROWS = 103


def _columns(row: np.ndarray) -> dict[str, pa.Array]:
    lengths = row % 4
    return {
        "row": pa.array(row),
        "image": to_arrow((row[:, None, None] + np.arange(6).reshape(1, 2, 3)).astype(np.uint8)),
        "pair": to_arrow(np.stack([row, -row], axis=1).astype(np.float32)),
        "words": to_arrow(Ragged(np.repeat(row, lengths), np.concatenate([[0], np.cumsum(lengths)]))),
        "name": pa.array([f"row {k}" for k in row], pa.string()),
        "maybe": pa.array([None if k % 5 == 0 else float(k) for k in row], pa.float64()),
    }


@pytest.fixture
def batches() -> list[pa.RecordBatch]:
    """103 rows in batches of odd sizes, one of them empty."""
    whole = pa.RecordBatch.from_pydict(_columns(np.arange(ROWS)))
    edges = [0, 10, 10, 47, 48, 90, ROWS]
    return [whole.slice(a, b - a) for a, b in pairwise(edges)]


@pytest.fixture
def numbered(batches) -> Dataset:
    return Dataset.from_arrow(batches)


@pytest.fixture
def rows_of():
    """Return the row numbers of a stream, after checking that every row is intact."""

    def rows(stream) -> list[int]:
        numbers = []
        for batch in stream:
            row = from_arrow(batch["row"])
            for name, column in _columns(row).items():
                assert batch[name].equals(column), name
            numbers += row.tolist()
        return numbers

    return rows


@pytest.fixture
def no_thread_left():
    """Fail if the test leaves a thread running."""
    with no_new_threads():
        yield
