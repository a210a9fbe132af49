"""Streams of batches to files of other formats, one file a format.

Record files are `headrace.records.write`'s. All write in constant memory, and their files get their names
when all of them are complete.
"""

from __future__ import annotations

from headrace.data.sinks.csv import write_csv
from headrace.data.sinks.images import ImageColumns, image_columns, write_images
from headrace.data.sinks.json_lines import write_json_lines
from headrace.data.sinks.parquet import write_parquet

__all__ = ["ImageColumns", "image_columns", "write_csv", "write_images", "write_json_lines", "write_parquet"]
