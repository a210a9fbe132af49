"""Write a stream of record batches to sharded record files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import Any

import pyarrow as pa

from headrace.arguments import check_names, is_iterable, show_value
from headrace.errors import SchemaError, UsageError
from headrace.parallel import available_cpus
from headrace.records.messages.batch_encoder import BatchEncoder, EncodableBatch
from headrace.records.schema.schema_file import schema_text
from headrace.records.schema.sequence_example import (
    RecordSchema,
    arrow_schema,
    check_schema,
    check_schema_type,
    stored_schema,
)
from headrace.records.schema.serialized import serialize_schema
from headrace.records.tfrecord.shard_writer import ShardWriter
from headrace.records.tfrecord.shards import open_record_set, schema_path, shard_paths
from headrace.tables import find_table

__all__ = ["write"]

_MOST_ROWS, _MOST_BYTES = 16_384, 16 << 20  # of a slice that is encoded at a time


def _read_stream(batches: Any, schema: RecordSchema | None) -> tuple[RecordSchema, Iterator[pa.RecordBatch]]:
    """Return the schema, by default that of the first batch, and an iterator over all batches.

    Raises:
        UsageError: There are neither batches nor a schema, or one of them is something else.
    """
    if schema is not None:
        check_schema_type(schema)
    table = None if isinstance(batches, Iterator) else find_table(batches)
    if table is not None:
        return schema or table.schema, iter(table.to_batches())
    if isinstance(batches, str | bytes) or not is_iterable(batches):
        what = f"batches: expected record batches, got {show_value(batches)}"
        raise UsageError(what, hint="pass a Dataset, a table or a list of record batches")
    stream = map(_check_batch, batches)
    if schema is not None:
        return schema, stream
    first = next(stream, None)
    if first is not None:
        return first.schema, chain([first], stream)
    schema = getattr(batches, "schema", None)
    if isinstance(schema, pa.Schema):
        return schema, stream
    raise UsageError("no batches and no schema", hint="pass the schema of the empty stream")


def _check_batch(batch: Any) -> pa.RecordBatch:
    if not isinstance(batch, pa.RecordBatch):
        what = f"batches: expected record batches, got {show_value(batch)}"
        raise UsageError(what, hint="pass a Dataset, a table or a list of record batches")
    return batch


def _select_columns(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return the batch with its columns in the order of the schema."""
    types = dict(zip(batch.schema.names, batch.schema.types, strict=True))  # both make a list each time
    for field in schema:
        if field.name not in types:
            raise SchemaError(
                "is missing from a batch", feature=field.name, hint="pass batches of one schema"
            )
        found = types[field.name]
        if found != field.type:
            what = f"expected {field.type}, got {found} in a batch"
            raise SchemaError(what, feature=field.name, hint="cast it, or pass batches of one schema")
    return batch.select(schema.names)


def _slice(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Cut the batch into slices, so that only a small part of it is in memory twice."""
    limit = _MOST_BYTES * batch.num_rows // max(batch.nbytes, 1)
    rows = max(1, min(limit, _MOST_ROWS))
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)


def _append(
    files: list[ShardWriter], first_file: int, threads: int, batch: EncodableBatch, rows_before: int
) -> None:
    """Write the batch's rows to the files of one thread: every `threads`-th from `first_file` on.

    Row r of the stream goes to shard r mod n, independent of batches.
    """
    for index in range(first_file, len(files), threads):
        files[index].write(*batch.encode((index - rows_before) % len(files), len(files)))


def _wait(writing: list[Future[None]]) -> None:
    for each in writing:
        each.result()


def _write_all(files: list[ShardWriter], schema: RecordSchema, stream: Iterable[pa.RecordBatch]) -> None:
    """Write all batches; each thread writes its own files while the next slice is prepared."""
    rows, columns, encoder = 0, arrow_schema(schema), BatchEncoder(schema)
    threads = min(available_cpus(), len(files))
    writing: list[Future[None]] = []
    with ThreadPoolExecutor(threads, thread_name_prefix="headrace-records") as pool:
        for batch in stream:
            for part in _slice(_select_columns(batch, columns)):
                prepared = encoder.prepare(part, first_row=rows)
                _wait(writing)
                writing = [pool.submit(_append, files, n, threads, prepared, rows) for n in range(threads)]
                rows += part.num_rows
        _wait(writing)
        for _ in pool.map(ShardWriter.finish, files):
            pass


def write(
    base: str | os.PathLike[str],
    batches: Any,
    *,
    shards: int = 1,
    compression: str | None = None,
    schema: RecordSchema | None = None,
    serialized: Sequence[str] = (),
) -> list[str]:
    """Write `base-00000-of-00008.tfrecord` ... and their schema file, `base.schema.json`.

    Row r goes to shard r mod `shards`, so shards differ by at most one row, however the stream is batched.
    All files get their names at the end; on error, none is left. A stream without rows makes empty files.
    Floats are stored as float32, as the schema file says.

    Args:
        base: The folder and base name, local or a URL. With one shard, it may be a file name with the
            extension of a record file.
        batches: Record batches of one schema, or a table in any form of `headrace.tables`.
        shards: The number of files.
        compression: None, "gzip", which adds `.gz` to the names, or "zlib", which adds `.zz`.
        schema: The schema of the batches; None: that of the first. An Arrow schema writes Examples, a
            `SequenceSchema` SequenceExamples. Fields that are not nullable are required when they are read.
        serialized: Columns to store as serialised tensors, one `TensorProto` a row, in the place of lists of
            numbers: `tf.io.parse_tensor` reads them, and float64 keeps its precision. See
            `headrace.records.serialized`.

    Returns:
        The names of the record files.

    Raises:
        UsageError: The files cannot be written, or the schema is missing.
        SchemaError: A type, null or value that records cannot hold, a string that is not UTF-8, or
            batches that differ from the schema.
    """
    paths, compression = shard_paths(base, shards, compression)
    schema, stream = _read_stream(batches, schema)
    if serialized:
        schema = serialize_schema(schema, check_names(serialized, "serialized"))
    check_schema(schema)
    with open_record_set(paths[0]) as files:
        _write_all([ShardWriter(files, path, compression) for path in paths], schema, stream)
        files.write(schema_path(paths[0]), schema_text(stored_schema(schema)).encode())
    return paths
