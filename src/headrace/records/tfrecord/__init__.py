"""The TFRecord container: framing, scanning, recovery from corruption, indexes and shard names."""

from __future__ import annotations

from headrace.records.tfrecord.corruption import (
    CorruptionLog,
    CorruptionReport,
    FileCorruption,
    Loss,
    OnCorrupt,
    check_on_corrupt,
)
from headrace.records.tfrecord.framing import Place, Records
from headrace.records.tfrecord.index import Index, find_index, index_path, write_index
from headrace.records.tfrecord.open_files import FileStamp, OpenFile, OpenFiles
from headrace.records.tfrecord.raw import RecordReader, RecordWriter
from headrace.records.tfrecord.scan import NOT_TFRECORD, holds_records, scan_file
from headrace.records.tfrecord.shards import (
    Paths,
    leave_out_companions,
    manifest_path,
    open_record_set,
    resolve,
    schema_path,
    shard_path,
    shard_paths,
)

__all__ = [
    "NOT_TFRECORD",
    "CorruptionLog",
    "CorruptionReport",
    "FileCorruption",
    "FileStamp",
    "Index",
    "Loss",
    "OnCorrupt",
    "OpenFile",
    "OpenFiles",
    "Paths",
    "Place",
    "RecordReader",
    "RecordWriter",
    "Records",
    "check_on_corrupt",
    "find_index",
    "holds_records",
    "index_path",
    "leave_out_companions",
    "manifest_path",
    "open_record_set",
    "resolve",
    "scan_file",
    "schema_path",
    "shard_path",
    "shard_paths",
    "write_index",
]
