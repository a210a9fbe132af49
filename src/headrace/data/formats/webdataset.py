"""Tar archives of samples, as webdataset writes them; read only."""

from __future__ import annotations

from headrace.data import sources
from headrace.data.formats.format import Format, Origin

__all__ = ["WEBDATASET"]


def _open(origin: Origin) -> sources.WebDatasetSource:
    return sources.WebDatasetSource.from_paths(origin.path, origin.columns)


WEBDATASET = Format(
    name="webdataset",
    extensions=(),
    source_extensions=(".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.zst"),
    open_source=_open,
)
