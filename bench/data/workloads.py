"""The workloads: generated from a seed with NumPy alone, which every peer's environment has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

__all__ = [
    "CLASSES",
    "LABEL",
    "PACK",
    "PACKS",
    "PIXELS",
    "TABLE_COLUMNS",
    "TOKENS",
    "WORKLOADS",
    "Workload",
    "summarize",
]

LABEL, TOKENS, CLASSES = "label", "tokens", 10
PIXELS = (28, 28)
PACK, PACKS = 4096, 4  # tokens in a packed row, packed rows in a batch
TABLE_COLUMNS = [f"x{number}" for number in range(50)]
Columns = dict[str, Any]
Batch = Mapping[str, Any]


@dataclass(frozen=True)
class Workload:
    """Rows of one kind, and the batches that every peer makes of them.

    Attributes:
        name: The workload's name.
        rows: Number of rows in an epoch.
        batch: Number of rows in a batch.
        make: `make(rng, rows)` generates a column per feature: an array [rows, ...], or a list of bytes or of
            arrays; `label` is int64.
    """

    name: str
    rows: int
    batch: int
    make: Callable[[np.random.Generator, int], Columns]

    def columns(self) -> Columns:
        """Generate all rows; equal in every process."""
        return self.make(np.random.default_rng(0), self.rows)

    def resize(self, rows: int) -> Workload:
        """Return the same workload with a different number of rows."""
        return replace(self, rows=rows)


def _labels(rng: np.random.Generator, rows: int) -> np.ndarray:
    return rng.integers(0, CLASSES, rows)


def _images(rng: np.random.Generator, rows: int) -> Columns:
    """Images and labels in the shape of Fashion-MNIST."""
    return {"image": rng.integers(0, 256, (rows, *PIXELS), dtype=np.uint8), LABEL: _labels(rng, rows)}


def _text(rng: np.random.Generator, rows: int) -> Columns:
    """Token ids, from 1, of reviews as long as IMDB's: 234 on average, 174 in the median, at most 2,494."""
    lengths = np.clip(rng.lognormal(5.16, 0.77, rows), 10, 2494).astype(np.int64)
    ids = np.minimum(rng.zipf(1.3, int(lengths.sum())), 20_000)
    return {TOKENS: np.split(ids, np.cumsum(lengths)[:-1]), LABEL: _labels(rng, rows) % 2}


def _table(rng: np.random.Generator, rows: int) -> Columns:
    columns = {name: rng.standard_normal(rows, np.float32) for name in TABLE_COLUMNS}
    return {**columns, LABEL: _labels(rng, rows)}


def _photos(rng: np.random.Generator, rows: int) -> Columns:
    """Pixels of small photographs, sorted by class as folders are; our peer encodes them as JPEG."""
    blocks = rng.integers(0, 256, (rows, 8, 8, 3), dtype=np.uint8)
    return {"image": blocks.repeat(4, axis=1).repeat(4, axis=2), LABEL: np.arange(rows) * CLASSES // rows}


def _payloads(rng: np.random.Generator, rows: int) -> Columns:
    """Rows of 150 kB, such as encoded photographs."""
    payloads = [rng.bytes(150_000) for _ in range(min(rows, 100))]
    return {"data": [payloads[number % 100] for number in range(rows)], LABEL: _labels(rng, rows)}


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("images", 60_000, 64, _images),
        Workload("text", 25_000, 64, _text),
        Workload("table", 100_000, 1024, _table),
        Workload("photos", 10_000, 64, _photos),
        Workload("payloads", 5_120, 32, _payloads),
    )
}


def _content(value: Any) -> float:
    """Sum the elements of a column: a tensor or an array, an Arrow array of binaries, or a list of bytes."""
    if hasattr(value, "to_pylist"):
        value = value.to_pylist()
    if isinstance(value, list) or str(getattr(value, "dtype", "")) == "object":
        return float(sum(int(np.frombuffer(each, np.uint8).sum()) for each in value))
    return float(np.asarray(value).sum(dtype=np.float64))


def summarize(batches: Iterable[Batch]) -> dict[str, float]:
    """Compute values that all peers must agree on, however they shuffle: rows, and sums of their columns.

    Rows of tokens that are packed together have no labels; of padded and packed tokens, `cells` is the number
    of elements per token.
    """
    rows = labels = content = tokens = cells = 0.0
    for batch in batches:
        if LABEL in batch:
            rows += len(batch[LABEL])
            labels += float(np.asarray(batch[LABEL]).astype(np.int64).sum())
        content += sum(_content(value) for name, value in batch.items() if name != LABEL)
        if TOKENS in batch:
            cells += np.asarray(batch[TOKENS]).size
            tokens += np.count_nonzero(np.asarray(batch[TOKENS]))
    found = {"content": content} if not rows else {"rows": rows, "labels": labels, "content": content}
    return {**found, "cells": cells / tokens} if tokens else found
