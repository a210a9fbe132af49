"""Work on tables of thousands of columns: reading files, ONNX files of as many outputs, verification."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

import headrace as hr
from bench.peer import PassResult
from bench.scale.data import summarize_batches, wide_path, write_wide

__all__ = ["WIDE", "prepare_wide"]

t = hr.transform

WIDE = ("parquet", "csv", "onnx", "verify")


def prepare_wide(name: str, columns: int, directory: Path) -> Callable[[], PassResult]:
    """Prepare one of `WIDE` for a number of columns; return its pass."""
    if name in ("parquet", "csv"):
        return _prepare_file(name, columns, directory)
    batch = pa.record_batch({f"c{place}": np.arange(20.0) + place for place in range(columns)})
    path = directory / f"{name}-{columns}.onnx"
    if name == "onnx":
        transform = t.analyze(lambda x: {each: t.scale_to_z_score(x[each]) for each in x}, [batch])
        return lambda: _count(columns, transform.to_onnx(path))
    transform = t.analyze(_join, [batch])
    import torch

    model = torch.nn.Sequential(torch.nn.Linear(columns, 1))
    head = hr.deploy.Regressor()
    hr.deploy.export(path, model=model, transform=transform, head=head)
    return lambda: _count(
        columns, hr.deploy.verify(path, [batch], model=model, transform=transform, head=head)
    )


def _prepare_file(name: str, columns: int, directory: Path) -> Callable[[], PassResult]:
    path = wide_path(name, columns, directory)
    write_wide(name, columns, directory)
    source = hr.Dataset.from_parquet if name == "parquet" else hr.Dataset.from_csv

    def read() -> PassResult:
        found = list(source(path).batch(10))
        return PassResult(columns, lambda: summarize_batches(found))

    return read


def _join(x: Any) -> dict[str, Any]:
    return {"features": t.concatenate([t.scale_to_z_score(x[name]) for name in x])}


def _count(columns: int, _result: Any) -> PassResult:
    return PassResult(columns)
