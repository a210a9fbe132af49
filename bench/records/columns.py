"""Columns from and to Python values, for libraries that have no columns of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from bench.records.workloads import BATCH, Feature

__all__ = ["collected", "plain_values"]

_DTYPES = {"float": np.float32, "int": np.int64}


def plain_values(feature: Feature, column: Any) -> list[Any]:
    """Python values, which protocol buffers take fastest."""
    if feature.steps:
        return [value.tolist() for value in column]
    if feature.pixels:
        return [value.tobytes() for value in column]
    return column if feature.kind == "bytes" else column.tolist()


def _collect(feature: Feature, values: list[Any]) -> Any:
    if feature.pixels:
        return np.frombuffer(b"".join(values), np.uint8).reshape(-1, *feature.pixels)
    if feature.kind == "bytes":
        return values
    if feature.steps:
        lengths = [len(value) for value in values]
        flat = [step for value in values for step in value]
        return np.array(flat, _DTYPES[feature.kind]), np.cumsum([0, *lengths])
    return np.array(values, _DTYPES[feature.kind])


def collected(rows: Iterable[dict[str, Any]], features: tuple[Feature, ...]) -> Iterator[int]:
    """Makes columns of `BATCH` rows at a time; the number of rows of each batch."""
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        for feature in features:
            _collect(feature, [row[feature.name] for row in batch])
        yield len(batch)
