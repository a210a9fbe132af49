"""Write streams of batches to files, one module per format.

`headrace.records.write` writes record files. All writers use constant memory and rename their files when all
of them are complete.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.lazy_names import load_on_use as _load_on_use

if TYPE_CHECKING:
    from headrace.data.sinks.arrow import write_arrow
    from headrace.data.sinks.csv import CsvWriter, fits_in_cell, write_csv
    from headrace.data.sinks.images import ImageColumns, find_image_columns, write_images
    from headrace.data.sinks.json_lines import JsonLinesWriter, write_json_lines
    from headrace.data.sinks.parquet import write_parquet
    from headrace.data.sinks.shards import open_shard_set

__all__ = [
    "CsvWriter",
    "ImageColumns",
    "JsonLinesWriter",
    "find_image_columns",
    "fits_in_cell",
    "open_shard_set",
    "write_arrow",
    "write_csv",
    "write_images",
    "write_json_lines",
    "write_parquet",
]

__getattr__, __dir__ = _load_on_use(
    __name__,
    {
        "CsvWriter": "csv",
        "ImageColumns": "images",
        "JsonLinesWriter": "json_lines",
        "find_image_columns": "images",
        "fits_in_cell": "csv",
        "open_shard_set": "shards",
        "write_arrow": "arrow",
        "write_csv": "csv",
        "write_images": "images",
        "write_json_lines": "json_lines",
        "write_parquet": "parquet",
    },
)
