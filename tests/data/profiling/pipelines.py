"""Functions and sources whose cost is known, for pipelines that are profiled."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from tests.data.profiling.virtual_time import TIME

from headrace.data import Dataset

ROWS = 3000
LATENCY = 0.004  # seconds per batch of a slow disk


def numbers(rows: int = ROWS) -> Dataset:
    return Dataset.from_arrays({"x": np.arange(rows * 8, dtype=np.float32).reshape(rows, 8)})


def sum_rows(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Python runs for each row."""
    TIME.spend(1e-4 * batch.num_rows)
    total = [sum(value * 0.5 for value in row) for row in batch["x"].to_pylist()]
    return batch.append_column("sum", pa.array(total))


def compute_sines(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Native code computes large arrays, and releases the GIL."""
    TIME.spend(1e-4 * batch.num_rows)
    return batch


def copy_small(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The call costs the same for any number of rows."""
    TIME.spend(1e-3)
    return pa.RecordBatch.from_arrays([each.slice(0) for each in batch.columns], schema=batch.schema)


class SlowDisk:
    """A source that waits for each batch, and needs no CPU."""

    schema = pa.schema({"x": pa.int64()})
    num_rows = 100

    def read(self) -> Iterator[pa.RecordBatch]:
        for start in range(0, 100, 10):
            TIME.wait(LATENCY)
            yield pa.record_batch({"x": np.arange(start, start + 10)})
