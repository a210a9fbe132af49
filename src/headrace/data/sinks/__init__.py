"""Write streams of batches to files, one module per format.

`headrace.records.write` writes record files. All writers use constant memory and rename their files when all
of them are complete.
"""

from __future__ import annotations

from headrace.data.sinks.arrow import write_arrow
from headrace.data.sinks.csv import fits_in_cell, write_csv
from headrace.data.sinks.images import ImageColumns, find_image_columns, write_images
from headrace.data.sinks.json_lines import write_json_lines
from headrace.data.sinks.parquet import write_parquet
from headrace.data.sinks.shards import manifest_path, open_shard_set

__all__ = [
    "ImageColumns",
    "find_image_columns",
    "fits_in_cell",
    "manifest_path",
    "open_shard_set",
    "write_arrow",
    "write_csv",
    "write_images",
    "write_json_lines",
    "write_parquet",
]
