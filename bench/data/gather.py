"""CPU microseconds to gather random rows of batches in memory, against pyarrow's take and NumPy's indexing.

    python -m bench.data.gather

`RowPool` gathers from 16 batches as they are. pyarrow gathers from one batch, concatenated in advance, and
from a table of the 16 batches. NumPy indexes one array per column, where rows have a fixed width. "copy"
copies as many bytes from one place. Each figure is the median of rounds in which the contenders alternate.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from itertools import cycle

import numpy as np
import pyarrow as pa

from headrace.columns import Ragged, to_arrow
from headrace.data.rows import RowPool

__all__ = ["SHAPES", "measure"]

_BATCHES = 16
_SECONDS = 0.05  # of each contender in a round

Numbers = np.ndarray[tuple[int, ...], np.dtype[np.int64]]
Contender = Callable[[Numbers], object]


def _images(rng: np.random.Generator, rows: int) -> dict[str, np.ndarray]:
    return {"image": rng.integers(0, 256, (rows, 784), np.uint8), "label": rng.integers(0, 10, rows)}


def _tokens(rng: np.random.Generator, rows: int) -> dict[str, pa.Array | np.ndarray]:
    splits = np.concatenate([[0], np.cumsum(rng.integers(10, 200, rows))])
    tokens = to_arrow(Ragged(rng.integers(0, 30_000, splits[-1], np.int32), splits))
    return {"tokens": tokens, "label": rng.integers(0, 10, rows)}


def _texts(rng: np.random.Generator, rows: int) -> dict[str, pa.Array | np.ndarray]:
    texts = pa.array(["word " * length for length in rng.integers(5, 100, rows)])
    return {"text": texts, "label": rng.integers(0, 10, rows)}


def _table(rng: np.random.Generator, rows: int) -> dict[str, np.ndarray]:
    return {f"x{number}": rng.standard_normal(rows, np.float32) for number in range(20)}


SHAPES = {
    "images, 784 bytes and a label": _images,
    "tokens, 10 to 200, and a label": _tokens,
    "texts, 25 to 500 bytes, and a label": _texts,
    "table of 20 floats": _table,
}


def _contenders(columns: dict[str, pa.Array | np.ndarray], gathered: int) -> dict[str, Contender]:
    table = pa.table({name: to_arrow(values) for name, values in columns.items()})
    (whole,) = table.to_batches()
    size = -(-whole.num_rows // _BATCHES)
    batches = [whole.slice(start, size) for start in range(0, whole.num_rows, size)]
    pool, chunked = RowPool(batches), pa.Table.from_batches(batches)
    found: dict[str, Contender] = {
        "RowPool": pool.take,
        "pyarrow, one batch": lambda rows: whole.take(pa.array(rows)),
        "pyarrow, table": lambda rows: chunked.take(pa.array(rows)),
    }
    arrays = [values for values in columns.values() if isinstance(values, np.ndarray)]
    if len(arrays) == len(columns):
        found["NumPy"] = lambda rows: [values[rows] for values in arrays]
    source = np.ones(max(1, whole.nbytes * gathered // whole.num_rows), np.uint8)
    found["copy"] = lambda _: source.copy()
    return found


def _cpu_seconds(contender: Contender, orders: list[Numbers], calls: int) -> float:
    begin = time.process_time()
    for _, rows in zip(range(calls), cycle(orders), strict=False):
        contender(rows)
    return (time.process_time() - begin) / calls


def measure(shape: str, rows: int, gathered: int, rounds: int, seconds: float = _SECONDS) -> dict[str, float]:
    """Return CPU microseconds per gather of `gathered` of `rows` rows by contender."""
    rng = np.random.default_rng(0)
    contenders = _contenders(SHAPES[shape](rng, rows), gathered)
    orders = [rng.integers(0, rows, gathered) for _ in range(64)]
    calls = {
        name: max(1, int(seconds / max(_cpu_seconds(contender, orders, 3), 1e-6)))
        for name, contender in contenders.items()
    }
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            found[name].append(_cpu_seconds(contender, orders, calls[name]) * 1e6)
    return {name: statistics.median(each) for name, each in found.items()}


def main() -> None:
    """Print a table of all shapes."""
    for gathered in (64, 4096):
        print(f"{gathered:,} of 65,536 rows in {_BATCHES} batches, CPU microseconds")
        for shape in SHAPES:
            found = measure(shape, rows=65_536, gathered=gathered, rounds=7)
            figures = "  ".join(f"{name} {microseconds:,.1f}" for name, microseconds in found.items())
            print(f"  {shape:<36} {figures}")


if __name__ == "__main__":
    main()
