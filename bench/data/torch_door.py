"""CPU microseconds per batch of 64 rows to convert a dataset to tensors, by type and number of columns.

    python -m bench.data.torch_door

Reading is subtracted. `to_torch` converts several slices of a chunk at once; after `map`, it converts each
batch alone. The last lines are rows by number (`to_torch_dataset`, 64 rows as `DataLoader` requests them) and
`prefetch` by its depth. A figure is the least of the rounds: other processes only ever add to it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

import headrace as hr
from headrace.columns import Ragged
from headrace.data.torch import TorchRows

__all__ = ["COLUMNS", "measure"]

_ROWS = 64

COLUMNS: dict[str, Callable[[int], object]] = {
    "float32": lambda rows: np.zeros(rows, np.float32),
    "float64, to float32": np.zeros,
    "float32 [8]": lambda rows: np.zeros((rows, 8), np.float32),
    "uint8 [28, 28]": lambda rows: np.zeros((rows, 28, 28), np.uint8),
    "list of 20 int64": lambda rows: Ragged(np.zeros(rows * 20, np.int64), np.arange(rows + 1) * 20),
}


@dataclass(frozen=True)
class _Requests:
    """The batches that a `DataLoader` requests of a map-style dataset."""

    rows: TorchRows
    numbers: list[list[int]]

    def __iter__(self) -> Iterator[object]:
        return map(self.rows.__getitems__, self.numbers)


def _copy(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the batch as one that is not known to be a slice of a chunk."""
    return batch


def _cpu_seconds(batches: Iterable[object]) -> float:
    begin = time.process_time()
    for _ in batches:
        pass
    return time.process_time() - begin


def _least(work: Callable[[], float], rounds: int) -> float:
    return min(work() for _ in range(rounds))


def measure(batches: int, rounds: int) -> dict[str, float]:
    """Return CPU microseconds per batch by line of the report, for datasets of `batches` batches."""
    found: dict[str, float] = {}

    def add(name: str, with_stage: Iterable[object], without: Iterable[object], parts: int = 1) -> None:
        seconds = _least(lambda: _cpu_seconds(with_stage), rounds) - _least(
            lambda: _cpu_seconds(without), rounds
        )
        found[name] = seconds / batches / parts * 1e6

    for name, column in COLUMNS.items():
        for count in (1, 10):
            ds = hr.Dataset.from_arrays({f"x{k}": column(batches * _ROWS) for k in range(count)}).batch(_ROWS)
            single = ds.map(_copy)
            add(f"{name}, {count} columns", ds.to_torch(), ds, count)
            add(f"{name}, {count} columns, each batch alone", single.to_torch(), single, count)
    table = hr.Dataset.from_arrays({"x": np.zeros((batches * _ROWS, 8), np.float32)})
    rows = table.to_torch_dataset()
    numbers = np.random.default_rng(0).integers(0, batches * _ROWS, (batches, _ROWS))
    add("rows by number", _Requests(rows, numbers.tolist()), ())
    for depth in (1, 2, 16):
        add(f"prefetch({depth})", table.batch(_ROWS).prefetch(depth), table.batch(_ROWS))
    return found


def main() -> None:
    for name, microseconds in measure(batches=1000, rounds=15).items():
        per = "batch and column" if "columns" in name else "batch"
        print(f"{name:<50} {microseconds:>8.2f} us of CPU a {per}")


if __name__ == "__main__":
    main()
