"""TFRecord files of Examples or SequenceExamples."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from headrace import records
from headrace.data.dataset import Dataset
from headrace.data.formats.format import Destination, Format, Origin, describe_loss, leaf_type
from headrace.records.reading import find_schema
from headrace.records.schema import arrow_schema
from headrace.records.tfrecord import resolve, shard_paths

__all__ = ["TFRECORD"]


def _read(origin: Origin) -> Dataset:
    schema = find_schema(resolve(origin.path)) if origin.schema is None else origin.schema
    return Dataset.from_records(origin.path, schema)


def _write(batches: Iterable[pa.RecordBatch], to: Destination) -> list[str]:
    return records.write(to.path, batches, shards=to.shards, compression=to.compression, schema=to.schema)


def _output_paths(to: Destination) -> list[str]:
    return shard_paths(to.path, to.shards, to.compression)[0]


def _is_float64(field: pa.Field) -> bool:
    return pa.types.is_float64(leaf_type(field.type))


def _list_losses(to: Destination) -> list[str]:
    what = "float64 becomes float32, the widest float an Example holds"
    return describe_loss(arrow_schema(to.schema), _is_float64, what)


TFRECORD = Format(
    name="tfrecord",
    extensions=(".tfrecord", ".tfrecords", ".tfrecord.gz", ".tfrecords.gz", ".tfrecord.zz", ".tfrecords.zz"),
    read=_read,
    write=_write,
    output_paths=_output_paths,
    list_losses=_list_losses,
)
