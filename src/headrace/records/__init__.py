"""Read TFRecord files of `tf.train.Example` or `SequenceExample` into Arrow record batches, and write them.

    write("train", batches, shards=8)          # train-00000-of-00008.tfrecord ... and train.schema.json
    for batch in read("train-*.tfrecord"):     # pyarrow.RecordBatch
        ...

`headrace.records.schema.example` and `headrace.records.schema.sequence_example` describe how Arrow types are
stored in Examples and SequenceExamples.
"""

from __future__ import annotations

from headrace.records.check import CheckReport, FileCheck, check, count
from headrace.records.messages.example import decode_example, encode_example
from headrace.records.messages.sequence_example import decode_sequence_example, encode_sequence_example
from headrace.records.messages.tensor_columns import decode_tensors, encode_tensors
from headrace.records.messages.tensor_proto import decode_tensor, encode_tensor
from headrace.records.read import RecordBatches, read
from headrace.records.reading.infer_schema import infer_schema
from headrace.records.record_file import RecordFile
from headrace.records.schema.defaults import default
from headrace.records.schema.from_tensorflow_metadata import schema_from_tensorflow_metadata
from headrace.records.schema.schema_file import read_schema, write_schema
from headrace.records.schema.sequence_example import SequenceSchema
from headrace.records.schema.serialized import serialized
from headrace.records.schema.to_tensorflow_metadata import schema_to_tensorflow_metadata
from headrace.records.split_merge import merge, split
from headrace.records.tfrecord.corruption import CorruptionReport, FileCorruption, Loss
from headrace.records.tfrecord.index import write_index
from headrace.records.tfrecord.raw import RecordReader, RecordWriter
from headrace.records.write import write

__all__ = [
    "CheckReport",
    "CorruptionReport",
    "FileCheck",
    "FileCorruption",
    "Loss",
    "RecordBatches",
    "RecordFile",
    "RecordReader",
    "RecordWriter",
    "SequenceSchema",
    "check",
    "count",
    "decode_example",
    "decode_sequence_example",
    "decode_tensor",
    "decode_tensors",
    "default",
    "encode_example",
    "encode_sequence_example",
    "encode_tensor",
    "encode_tensors",
    "infer_schema",
    "merge",
    "read",
    "read_schema",
    "schema_from_tensorflow_metadata",
    "schema_to_tensorflow_metadata",
    "serialized",
    "split",
    "write",
    "write_index",
    "write_schema",
]
