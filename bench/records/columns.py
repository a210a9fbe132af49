"""Conversion of columns from and to Python values, for libraries without columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from bench.records.workloads import BATCH, Feature

__all__ = ["build_columns", "to_python_values"]

_DTYPES = {"float": np.float32, "int": np.int64}


def to_python_values(feature: Feature, column: Any) -> list[Any]:
    """Convert a column to Python values, the fastest input of protocol buffers."""
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


def build_columns(rows: Iterable[dict[str, Any]], features: tuple[Feature, ...]) -> Iterator[int]:
    """Build columns of `BATCH` rows at a time; yield the number of rows of each batch."""
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        for feature in features:
            _collect(feature, [row[feature.name] for row in batch])
        yield len(batch)
