"""The data of the figures, from a seed: rows with keys, small Parquet files, and files of many columns."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from bench.scale.figures import Figure

__all__ = [
    "keyed_path",
    "summarize",
    "summarize_batches",
    "wide_path",
    "write_files",
    "write_keyed",
    "write_wide",
]

COLUMNS = tuple(f"c{place}" for place in range(6))


def keyed_path(figure: Figure, directory: Path) -> Path:
    """Return the path of rows with keys."""
    return directory / f"keyed-{figure.rows}-{figure.size}.parquet"


def write_keyed(figure: Figure, directory: Path) -> None:
    """Write rows of a key and a number with heavy tails."""
    rng = np.random.default_rng(0)
    keys = pa.array([f"key {number}" for number in range(figure.size)])
    places = pa.array(rng.integers(0, figure.size, figure.rows))
    table = pa.table({"key": keys.take(places), "x": rng.standard_t(3, figure.rows)})
    pq.write_table(table, keyed_path(figure, directory), row_group_size=250_000)


def write_files(figure: Figure, directory: Path) -> list[str]:
    """Write as many files as the figure has; return their paths."""
    folder = directory / f"files-{figure.rows}-{figure.size}"
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(0)
    rows = figure.rows // figure.size
    for number in range(figure.size):
        columns = {name: rng.normal(size=rows) for name in COLUMNS}
        words = [f"word {each}" for each in rng.integers(0, 100, rows)]
        pq.write_table(pa.table({**columns, "word": words}), folder / f"{number:05}.parquet")
    return sorted(map(str, folder.glob("*.parquet")))


def wide_path(suffix: str, columns: int, directory: Path) -> Path:
    """Return the path of a file of many columns."""
    return directory / f"wide-{columns}.{suffix}"


def write_wide(suffix: str, columns: int, directory: Path) -> None:
    """Write 20 rows of numbers, as "parquet" or "csv", unless the file exists."""
    path = wide_path(suffix, columns, directory)
    if path.exists():
        return
    values = np.random.default_rng(0).normal(size=(columns, 20)).round(3)
    table = pa.table({f"c{place}": row for place, row in enumerate(values)})
    if suffix == "parquet":
        pq.write_table(table, path)
    else:
        pc.write_csv(table, path)


def summarize_batches(batches: Iterable[pa.RecordBatch]) -> dict[str, float]:
    """Sum all columns of the batches, to compare peers."""
    values = [column.to_numpy() for batch in batches for column in batch.columns]
    return summarize(np.concatenate(values))


def summarize(values: np.ndarray) -> dict[str, float]:
    """Sum the outputs, to compare peers."""
    values = values.astype(np.float64)
    return {"rows": len(values), "squares": float(np.square(values).sum())}
