"""Sources whose cost is known: files that are written once, a generator, a disk that waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

import headrace as hr
from headrace.images import encode_jpeg

__all__ = ["BINARY", "CAUSES", "DISK_ROWS", "PARALLEL", "SlowDisk", "make_rows", "open_source"]

# Kind of source to the cause that a verdict names, if the source is slow.
CAUSES = {
    "gzip": "compression",
    "csv": "text",
    "json": "text",
    "generator": "generator",
    "images": "files",
    "disk": "storage",
    "records": "reading",
    "arrays": "reading",
    "ragged": "reading",
    "batches": "generator",
}
PARALLEL = ("images", "records")  # read on several threads
BINARY = {"gzip": ["data"], "records": ["data"], "images": ["image", "label", "filename"]}
DISK_ROWS = 500  # in a batch


@dataclass
class SlowDisk:
    """Batches of a table, each after a wait.

    Attributes:
        table: The rows.
        latency: Seconds before each batch.
        waited: Seconds that all reads have been made to wait.
    """

    table: pa.Table
    latency: float
    waited: float = 0.0

    @property
    def schema(self) -> pa.Schema:
        return self.table.schema

    @property
    def num_rows(self) -> int:
        return self.table.num_rows

    def read(self) -> Iterator[pa.RecordBatch]:
        for batch in self.table.to_batches(max_chunksize=DISK_ROWS):
            threading.Event().wait(self.latency)
            self.waited += self.latency
            yield batch


def make_rows(kind: str, rng: np.random.Generator, rows: int) -> pa.Table:
    """Make the rows that a source of a kind reads: a column `key`, and some that make it expensive."""
    columns: dict[str, Any] = {"key": np.arange(rows)}
    if kind in ("gzip", "records"):
        size = int(rng.integers(1500, 5000))
        columns["data"] = [rng.integers(0, 8, size).astype(np.uint8).tobytes() for _ in range(rows)]
    elif kind in ("csv", "json"):
        for number in range(int(rng.integers(10, 40))):
            columns[f"x{number}"] = rng.standard_normal(rows)
    elif kind == "images":
        pixels = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8).repeat(16, 0).repeat(16, 1)
        columns["image"] = [encode_jpeg(np.roll(pixels, number, 0)) for number in range(rows)]
    elif kind in ("ragged", "batches"):
        columns["tokens"] = [np.arange(size) for size in rng.integers(5, 300, rows)]
    else:
        for number in range(int(rng.integers(3, 12))):
            columns[f"x{number}"] = rng.standard_normal(rows)
    return pa.table(columns)


def open_source(kind: str, table: pa.Table, folder: Path, latency: float) -> hr.Dataset:
    """Write rows as files if the source reads files, and open them."""
    rows = hr.Dataset.from_arrow(table)
    if kind in ("gzip", "records"):
        compression = "gzip" if kind == "gzip" else None
        hr.records.write(folder / "rows", rows, shards=2, compression=compression)
        return hr.Dataset.from_records(folder / "rows")
    if kind == "csv":
        rows.write(folder / "rows", shards=1, format="csv")
        return hr.Dataset.from_csv(next(folder.glob("*.csv")))
    if kind == "json":
        rows.write(folder / "rows", shards=1, format="jsonl")
        return hr.Dataset.from_json_lines(next(folder.glob("*.jsonl")))
    if kind == "images":
        (folder / "class").mkdir()
        for number, data in enumerate(table["image"].to_pylist()):
            (folder / "class" / f"{number:06}.jpg").write_bytes(data)
        return hr.Dataset.from_images(folder)
    if kind == "generator":
        return hr.Dataset.from_generator(lambda: iter(table.to_pylist()), table.schema)
    if kind == "batches":
        return hr.Dataset.from_generator(lambda: iter(table.to_batches(DISK_ROWS)), table.schema)
    if kind == "disk":
        return hr.Dataset(SlowDisk(table, latency))
    return rows
