"""TFRecord files of Examples or SequenceExamples."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from headrace.data import sources
from headrace.data.formats.format import Destination, Format, Origin, describe_loss, leaf_type

__all__ = ["TFRECORD"]


def _open(origin: Origin) -> sources.RecordSource:
    from headrace.records.reading import find_schema
    from headrace.records.tfrecord import resolve

    schema = find_schema(resolve(origin.path)) if origin.schema is None else origin.schema
    return sources.RecordSource.from_paths(origin.path, schema)


def _write(batches: Iterable[pa.RecordBatch], to: Destination) -> list[str]:
    from headrace import records

    return records.write(to.path, batches, shards=to.shards, compression=to.compression, schema=to.schema)


def _output_paths(to: Destination) -> list[str]:
    from headrace.records.tfrecord import shard_paths

    return shard_paths(to.path, to.shards, to.compression)[0]


def _is_float64(field: pa.Field) -> bool:
    from headrace.records.schema import is_serialized

    return pa.types.is_float64(leaf_type(field.type)) and not is_serialized(field)


def _list_losses(to: Destination) -> list[str]:
    what = "float64 becomes float32, the widest float an Example holds"
    return describe_loss(to.columns, _is_float64, what)


TFRECORD = Format(
    name="tfrecord",
    extensions=(".tfrecord", ".tfrecords", ".tfrecord.gz", ".tfrecords.gz", ".tfrecord.zz", ".tfrecords.zz"),
    open_source=_open,
    write=_write,
    output_paths=_output_paths,
    list_losses=_list_losses,
)
