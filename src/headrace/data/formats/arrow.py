"""Arrow IPC files."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from headrace.data import sinks, sources
from headrace.data.formats.format import Destination, Format, Origin
from headrace.errors import UsageError

__all__ = ["ARROW"]


def _open(origin: Origin) -> sources.ArrowIpcSource:
    if origin.schema is not None:
        raise UsageError("an Arrow file contains its own schema", path=origin.path, hint="omit the schema")
    return sources.ArrowIpcSource.from_paths(origin.path)


def _write(batches: Iterable[pa.RecordBatch], to: Destination) -> list[str]:
    return sinks.write_arrow(to.path, batches, to.columns, to.shards)


ARROW = Format(name="arrow", extensions=(".arrow", ".feather"), open_source=_open, write=_write)
