"""File formats that datasets are read from and written to, one file per format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.lazy_names import load_on_use as _load_on_use

if TYPE_CHECKING:
    from headrace.data.formats.columns import list_columns, select_columns
    from headrace.data.formats.format import Destination, Format, Origin
    from headrace.data.formats.registry import find_format, find_source_format, list_formats, open_dataset

__all__ = [
    "Destination",
    "Format",
    "Origin",
    "find_format",
    "find_source_format",
    "list_columns",
    "list_formats",
    "open_dataset",
    "select_columns",
]

__getattr__, __dir__ = _load_on_use(
    __name__,
    {
        "Destination": "format",
        "Format": "format",
        "Origin": "format",
        "find_format": "registry",
        "find_source_format": "registry",
        "list_columns": "columns",
        "list_formats": "registry",
        "open_dataset": "registry",
        "select_columns": "columns",
    },
)
