"""A table of ten columns in one Parquet file, generated from a seed with NumPy alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = [
    "BUCKETIZED",
    "BUCKETS",
    "SCALED",
    "STANDARDISED",
    "TABLES",
    "VOCABULARIES",
    "Table",
    "batch_of",
    "total",
]

STANDARDISED = ("income", "distance", "duration", "load")  # float32: z-scores
SCALED = ("latitude", "longitude")  # float64: to [0, 1]
BUCKETIZED = ("age", "visits")  # float32, int64: ten buckets of equal counts
VOCABULARIES = {"city": 1000, "product": 20_000}  # strings: indices among this number of most frequent ones
BUCKETS = 10
_GROUP = 250_000  # rows generated at a time, and rows of a row group
_PRODUCTS = 50_000


@dataclass(frozen=True)
class Table:
    """The table with a number of rows.

    Attributes:
        rows: Number of rows.
    """

    rows: int

    def path(self, directory: Path) -> Path:
        """Return the path of the file."""
        return directory / f"table-{self.rows}.parquet"

    def write(self, directory: Path) -> None:
        """Write the file."""
        with pq.ParquetWriter(self.path(directory), batch_of(0, 1).schema) as writer:
            for batch in self._batches():
                writer.write_batch(batch)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        for start in range(0, self.rows, _GROUP):
            yield batch_of(start, min(_GROUP, self.rows - start))


def _strings(rng: np.random.Generator, name: str, distinct: int, rows: int) -> pa.Array:
    """Generate strings with a Zipf distribution."""
    words = pa.array([f"{name} {number:x}" for number in range(distinct)])
    weights = 1 / np.arange(1, distinct + 1)
    places = np.searchsorted(np.cumsum(weights) / weights.sum(), rng.random(rows))
    return words.take(pa.array(np.minimum(places, distinct - 1)))


def batch_of(start: int, rows: int) -> pa.RecordBatch:
    """Generate `rows` rows from row `start` on, always the same."""
    rng = np.random.default_rng(start)
    return pa.record_batch(
        {
            "income": rng.lognormal(10, 0.7, rows).astype(np.float32),
            "distance": rng.exponential(12, rows).astype(np.float32),
            "duration": rng.gamma(2, 30, rows).astype(np.float32),
            "load": rng.normal(0.4, 0.1, rows).astype(np.float32),
            "latitude": rng.uniform(-60, 70, rows),
            "longitude": rng.uniform(-180, 180, rows),
            "age": rng.normal(40, 15, rows).astype(np.float32),
            "visits": rng.geometric(0.01, rows),
            "city": _strings(rng, "city", VOCABULARIES["city"], rows),
            "product": _strings(rng, "product", _PRODUCTS, rows),
        }
    )


def add(batch: pa.RecordBatch, sums: Counter[str]) -> None:
    """Add the sums of a batch's columns to `sums`; z-scores are squared first."""
    sums["rows"] += batch.num_rows
    for name in batch.schema.names:
        values = batch.column(name).to_numpy()
        total = np.square(values).sum(dtype=np.float64) if name in STANDARDISED else values.sum()
        sums[name] += float(total)


def total(batches: Iterable[pa.RecordBatch]) -> Counter[str]:
    """Sum the columns of all batches, to compare peers; every pass ends with it."""
    sums: Counter[str] = Counter()
    for batch in batches:
        add(batch, sums)
    return sums


TABLES = {"table": Table(10_000_000), "million": Table(1_000_000)}
