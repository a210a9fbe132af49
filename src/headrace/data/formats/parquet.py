"""Parquet files."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from headrace.data import sinks, sources
from headrace.data.formats.format import Destination, Format, Origin
from headrace.errors import UsageError

__all__ = ["PARQUET"]


def _open(origin: Origin) -> sources.ParquetSource:
    if origin.schema is not None:
        raise UsageError("a Parquet file contains its own schema", path=origin.path, hint="omit the schema")
    return sources.ParquetSource.from_paths(origin.path)


def _write(batches: Iterable[pa.RecordBatch], to: Destination) -> list[str]:
    return sinks.write_parquet(to.path, batches, to.columns, to.shards)


PARQUET = Format(name="parquet", extensions=(".parquet", ".pq"), open_source=_open, write=_write)
