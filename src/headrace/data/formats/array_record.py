"""ArrayRecord files; read only."""

from __future__ import annotations

from headrace.data import sources
from headrace.data.formats.format import Format, Origin

__all__ = ["ARRAY_RECORD"]


def _open(origin: Origin) -> sources.ArrayRecordSource:
    return sources.ArrayRecordSource.from_paths(origin.path, origin.schema)


ARRAY_RECORD = Format(
    name="array_record",
    extensions=(),
    source_extensions=(".array_record", ".arrayrecord"),
    open_source=_open,
)
