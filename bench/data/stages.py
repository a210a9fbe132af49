"""CPU microseconds per batch of each stage, and per batch and column of the conversion to tensors.

    python -m bench.data.stages

Stages that only view rows (`batch` of the same size, `take`, `skip`), a stage that gathers rows (`shuffle`,
beside twice the time in which NumPy gathers as many), `prefetch`, and `to_torch` of one and of fifty columns.
The figure of a stage is the difference between a pipeline with it and one without it, the median over rounds.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

import headrace as hr

__all__ = ["STAGES", "Measurement", "measure"]

_BATCHES, _ROWS, _COLUMNS = 2000, 64, 50
_WIDTH = 784  # bytes of a row that is gathered


@dataclass(frozen=True)
class Measurement:
    """A stage to measure.

    Attributes:
        name: What is measured.
        limit: Most microseconds per batch.
        with_stage: Opens the batches with the stage.
        without: Opens the batches without it.
        per: Number of equal parts of a batch that the figure is divided by, such as columns.
    """

    name: str
    limit: float
    with_stage: Callable[[], Iterable[object]]
    without: Callable[[], Iterable[object]]
    per: int = 1


def _table(batches: int, columns: int, rows: int = _ROWS) -> hr.Dataset:
    values = np.arange(batches * rows, dtype=np.float32)
    return hr.Dataset.from_arrays({f"x{number}": values for number in range(columns)}).batch(rows)


def _images(batches: int) -> hr.Dataset:
    pixels = np.ones((batches * _ROWS, _WIDTH), np.uint8)
    return hr.Dataset.from_arrays({"image": pixels})


def _copies(batches: int) -> Callable[[], Iterable[object]]:
    """Return a function that gathers as many rows as a shuffle by NumPy, each batch twice."""
    pixels = np.ones((batches * _ROWS, _WIDTH), np.uint8)  # zeros would all be one page
    order = np.random.default_rng(0).permutation(len(pixels)).reshape(batches, _ROWS)
    return lambda: (pixels[rows] for rows in order.repeat(2, axis=0))


def _stages(batches: int) -> tuple[Measurement, ...]:
    narrow, wide, images = _table(batches, 1), _table(batches, _COLUMNS), _images(batches)
    rows = batches * _ROWS
    return (
        Measurement("batch", 5, lambda: narrow.batch(_ROWS), lambda: narrow),
        Measurement("take", 5, lambda: narrow.take(rows), lambda: narrow),
        Measurement("skip", 5, lambda: narrow.skip(1).take(rows), lambda: narrow.take(rows)),
        Measurement("prefetch", 4, narrow.prefetch, lambda: narrow),
        Measurement(
            "shuffle and batch, beside twice the copy",
            8,
            lambda: images.shuffle(seed=1).batch(_ROWS),
            _copies(batches),
        ),
        Measurement("to_torch of 1 column", 5, narrow.to_torch, lambda: narrow),
        Measurement("to_torch per column of 50", 1.5, wide.to_torch, lambda: wide, _COLUMNS),
    )


STAGES = tuple(each.name for each in _stages(1))


def _cpu_seconds(batches: Iterable[object]) -> float:
    begin = time.process_time()  # of all threads
    for _ in batches:
        pass
    return time.process_time() - begin


def measure(batches: int, rounds: int) -> dict[str, float]:
    """Return CPU microseconds per batch by stage, of pipelines of `batches` batches."""
    found: dict[str, float] = {}
    for each in _stages(batches):
        differences: list[float] = []
        for _ in range(rounds):
            seconds = _cpu_seconds(each.with_stage()) - _cpu_seconds(each.without())
            differences.append(seconds / batches / each.per * 1e6)
        found[each.name] = statistics.median(differences)
    return found


def main() -> None:
    limits = {each.name: each.limit for each in _stages(1)}
    for name, microseconds in measure(_BATCHES, rounds=9).items():
        verdict = "holds" if microseconds <= limits[name] else "MISSED"
        print(f"{name:<42} {microseconds:>8.2f} us of CPU a batch, at most {limits[name]:g}: {verdict}")


if __name__ == "__main__":
    main()
