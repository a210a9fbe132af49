"""ArrayRecord files: Riegeli chunks of records, with a footer that says where each chunk starts."""

from __future__ import annotations

from headrace.records.array_record.file import ArrayRecordFile, ChunkTable, RecordBytes

__all__ = ["ArrayRecordFile", "ChunkTable", "RecordBytes"]
