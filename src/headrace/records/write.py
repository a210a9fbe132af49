"""A stream of record batches to sharded record files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import Any

import pyarrow as pa

from headrace.errors import SchemaError, UsageError
from headrace.parallel import available_cpus
from headrace.records.messages.batch_encoder import EncodableBatch
from headrace.records.schema.schema_file import schema_text
from headrace.records.schema.sequence_example import RecordSchema, arrow_schema, check_schema, stored_schema
from headrace.records.tfrecord.shards import open_record_set, schema_path, shard_paths
from headrace.storage import AtomicFile

__all__ = ["write"]

_ROWS_AT_ONCE, _BYTES_AT_ONCE = 16_384, 16 << 20


def _stream(batches: Any, schema: RecordSchema | None) -> tuple[RecordSchema, Iterator[pa.RecordBatch]]:
    """The schema, from the first batch if it is not given, and all batches."""
    if isinstance(batches, pa.Table):
        return schema or batches.schema, iter(batches.to_batches())
    if isinstance(batches, pa.RecordBatch):
        return schema or batches.schema, iter([batches])
    stream = iter(batches)
    if schema is not None:
        return schema, stream
    first = next(stream, None)
    if first is not None:
        return first.schema, chain([first], stream)
    schema = getattr(batches, "schema", None)
    if isinstance(schema, pa.Schema):
        return schema, stream
    raise UsageError("no batches and no schema", hint="give the schema of the empty stream")


def _fitting(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch's columns in the schema's order."""
    for field in schema:
        if field.name not in batch.schema.names:
            raise SchemaError(
                "is missing from a batch", feature=field.name, hint="give batches of one schema"
            )
        found = batch.schema.field(field.name).type
        if found != field.type:
            what = f"is {found} in a batch, the schema says {field.type}"
            raise SchemaError(what, feature=field.name, hint="cast it, or give batches of one schema")
    return batch.select(schema.names)


def _parts(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Slices of the batch, so that only a little of it is in memory twice."""
    fitting = _BYTES_AT_ONCE * batch.num_rows // max(batch.nbytes, 1)
    rows = max(1, min(fitting, _ROWS_AT_ONCE))
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)


def _append(files: list[AtomicFile], lane: int, lanes: int, batch: EncodableBatch, rows_before: int) -> None:
    """Writes the batch's rows to every file of a lane.

    Row r of the whole stream goes to shard r mod n, whichever batch it comes in.
    """
    for index in range(lane, len(files), lanes):
        files[index].write(batch.encode((index - rows_before) % len(files), len(files)).data)


def _finish(writing: list[Future[None]]) -> None:
    for part in writing:
        part.result()


def _write_all(files: list[AtomicFile], schema: RecordSchema, stream: Iterable[pa.RecordBatch]) -> None:
    """Each thread writes its lane's files; the next part is made ready meanwhile."""
    rows, columns = 0, arrow_schema(schema)
    lanes = min(available_cpus(), len(files))
    writing: list[Future[None]] = []
    with ThreadPoolExecutor(lanes, thread_name_prefix="headrace-records") as pool:
        for batch in stream:
            for part in _parts(_fitting(batch, columns)):
                ready = EncodableBatch(part, schema)
                _finish(writing)
                writing = [pool.submit(_append, files, lane, lanes, ready, rows) for lane in range(lanes)]
                rows += part.num_rows
        _finish(writing)
        for _ in pool.map(AtomicFile.finish, files):
            pass


def write(
    base: str | os.PathLike[str],
    batches: Any,
    *,
    shards: int = 1,
    compression: str | None = None,
    schema: RecordSchema | None = None,
) -> list[str]:
    """Writes `base-00000-of-00008.tfrecord` ... and the schema beside them, `base.schema.json`.

    Row r goes to shard r mod `shards`: shards differ by a row at most, however the stream is batched.
    All files get their names at the end; when an exception passes, none is left. No rows give empty files.
    Floats are stored as float32, and the schema file says so.

    Args:
        base: Directory and base name; a URL if it has `://`. With the ending of a record file, and one shard,
            that file's name.
        batches: Record batches of one schema, or a table.
        shards: How many files.
        compression: None, "gzip", which adds `.gz` to the names, or "zlib", which adds `.zz`.
        schema: The batches' schema; None: that of the first. An Arrow schema writes Examples, a
            `SequenceSchema` SequenceExamples. Its nullability decides what is required when they are read.

    Returns:
        The record files' names.

    Raises:
        UsageError: No place to write to, or no schema.
        SchemaError: A type, null or value that records cannot hold, or batches that differ from the schema.
    """
    paths, compression = shard_paths(base, shards, compression)
    schema, stream = _stream(batches, schema)
    check_schema(schema)
    with open_record_set(paths[0]) as files:
        _write_all([files.open(path, compression) for path in paths], schema, stream)
        files.write(schema_path(paths[0]), schema_text(stored_schema(schema)).encode())
    return paths
