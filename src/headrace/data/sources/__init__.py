"""The sources of a pipeline, one file per source; `list_sources` finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.lazy_names import load_on_use as _load_on_use

if TYPE_CHECKING:
    from headrace.data.sources.archives.array_record import ArrayRecordSource
    from headrace.data.sources.archives.webdataset import WebDatasetSource
    from headrace.data.sources.arrow import ArrowSource
    from headrace.data.sources.csv import CsvDialect, CsvSource
    from headrace.data.sources.files.inference import Types
    from headrace.data.sources.folders.image_files import list_image_files
    from headrace.data.sources.images import ImageSource
    from headrace.data.sources.json_lines import JsonLinesSource
    from headrace.data.sources.memory.generator import GeneratorSource
    from headrace.data.sources.memory.huggingface import HuggingFaceSource
    from headrace.data.sources.parquet import ParquetSource
    from headrace.data.sources.records import RecordSource
    from headrace.data.sources.registry import list_sources
    from headrace.data.sources.tables.arrow_ipc import ArrowIpcSource
    from headrace.data.sources.tables.hive import HiveParquetSource
    from headrace.data.sources.text import TextSource

__all__ = [
    "ArrayRecordSource",
    "ArrowIpcSource",
    "ArrowSource",
    "CsvDialect",
    "CsvSource",
    "GeneratorSource",
    "HiveParquetSource",
    "HuggingFaceSource",
    "ImageSource",
    "JsonLinesSource",
    "ParquetSource",
    "RecordSource",
    "TextSource",
    "Types",
    "WebDatasetSource",
    "list_image_files",
    "list_sources",
]

__getattr__, __dir__ = _load_on_use(
    __name__,
    {
        "ArrayRecordSource": "archives.array_record",
        "ArrowIpcSource": "tables.arrow_ipc",
        "ArrowSource": "arrow",
        "CsvDialect": "csv",
        "CsvSource": "csv",
        "GeneratorSource": "memory.generator",
        "HiveParquetSource": "tables.hive",
        "HuggingFaceSource": "memory.huggingface",
        "ImageSource": "images",
        "JsonLinesSource": "json_lines",
        "ParquetSource": "parquet",
        "RecordSource": "records",
        "TextSource": "text",
        "Types": "files.inference",
        "WebDatasetSource": "archives.webdataset",
        "list_image_files": "folders.image_files",
        "list_sources": "registry",
    },
)
