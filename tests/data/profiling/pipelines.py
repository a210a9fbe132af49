"""Functions and sources whose cost is known, for pipelines that are profiled."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from headrace.data import Dataset

ROWS = 3000
LATENCY = 0.004  # seconds per batch of a slow disk


def numbers(rows: int = ROWS) -> Dataset:
    return Dataset.from_arrays({"x": np.arange(rows * 8, dtype=np.float32).reshape(rows, 8)})


def sum_rows(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Python runs for each row."""
    total = [sum(value * 0.5 for value in row) for row in batch["x"].to_pylist()]
    return batch.append_column("sum", pa.array(total))


def compute_sines(batch: pa.RecordBatch) -> pa.RecordBatch:
    """NumPy computes large arrays, and releases the GIL."""
    values = np.resize(np.asarray(batch["x"].flatten(), np.float64), 50_000)
    for _ in range(10):
        values = np.sin(values)
    return batch


def copy_small(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The call costs the same for any number of rows."""
    return pa.RecordBatch.from_arrays([each.slice(0) for each in batch.columns], schema=batch.schema)


class SlowDisk:
    """A source that waits for each batch, and needs no CPU."""

    schema = pa.schema({"x": pa.int64()})
    num_rows = 100

    def read(self) -> Iterator[pa.RecordBatch]:
        for start in range(0, 100, 10):
            threading.Event().wait(LATENCY)
            yield pa.record_batch({"x": np.arange(start, start + 10)})
