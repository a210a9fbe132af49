"""Parquet files."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from headrace.data.dataset import Dataset
from headrace.data.formats.format import Destination, Format, Origin
from headrace.data.sinks import write_parquet
from headrace.errors import UsageError
from headrace.records.schema import arrow_schema

__all__ = ["PARQUET"]


def _read(origin: Origin) -> Dataset:
    if origin.schema is not None:
        raise UsageError("a Parquet file contains its own schema", path=origin.path, hint="omit the schema")
    return Dataset.from_parquet(origin.path)


def _write(batches: Iterable[pa.RecordBatch], to: Destination) -> list[str]:
    return write_parquet(to.path, batches, arrow_schema(to.schema), to.shards)


PARQUET = Format(name="parquet", extensions=(".parquet", ".pq"), read=_read, write=_write)
