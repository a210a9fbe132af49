"""File formats that datasets are read from and written to, one file per format."""

from __future__ import annotations

from headrace.data.formats.format import Destination, Format, Origin
from headrace.data.formats.registry import find_format, find_source_format, list_formats, open_dataset

__all__ = [
    "Destination",
    "Format",
    "Origin",
    "find_format",
    "find_source_format",
    "list_formats",
    "open_dataset",
]
