"""CSV files: their dialect, the types of their columns, reading."""

from __future__ import annotations

from headrace.data.sources.csv.dialect import CsvDialect
from headrace.data.sources.csv.missing_cells import hide_missing
from headrace.data.sources.csv.source import CsvSource

__all__ = ["CsvDialect", "CsvSource", "hide_missing"]
