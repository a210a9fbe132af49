"""Read record files into Arrow record batches; README.md explains which reader does what."""

from __future__ import annotations

from headrace.records.reading.find_schema import find_schema, read_schema_files
from headrace.records.reading.infer_schema import infer_schema
from headrace.records.reading.record_rows import RecordIndex, RecordRows
from headrace.records.reading.streamed import read_after

__all__ = ["RecordIndex", "RecordRows", "find_schema", "infer_schema", "read_after", "read_schema_files"]
