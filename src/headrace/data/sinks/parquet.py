"""Write Parquet files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from headrace.data.block_checksums import ChecksummedStream, without_checksums
from headrace.data.sinks.shards import Stream, write_shards
from headrace.errors import SchemaError
from headrace.tables import move_nulls

__all__ = ["write_parquet"]

_GROUP_BYTES = 64 << 20  # buffered in memory, then written as one row group
_GROUP_ROWS = 1 << 20


class _Writer:
    def __init__(self, stream: Stream, schema: pa.Schema) -> None:
        _check_types(schema)
        self._stream = ChecksummedStream(stream)
        self._schema = without_checksums(schema)
        self._file = pq.ParquetWriter(
            self._stream, self._schema, compression="zstd", write_page_checksum=True
        )
        self._pending: list[pa.RecordBatch] = []
        self._bytes = self._rows = 0

    def write(self, batch: pa.RecordBatch) -> None:
        _check_fixed_lists(batch)
        columns = [move_nulls(column) for column in batch.columns]
        self._pending.append(pa.RecordBatch.from_arrays(columns, schema=batch.schema))
        self._bytes += batch.nbytes
        self._rows += batch.num_rows
        if self._bytes >= _GROUP_BYTES or self._rows >= _GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        if self._pending:
            table = pa.Table.from_batches(self._pending).replace_schema_metadata(self._schema.metadata)
            try:
                self._file.write_table(table, row_group_size=_GROUP_ROWS)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                raise _find_fault(table, error) from error
        self._pending, self._bytes, self._rows = [], 0, 0

    def close(self) -> None:
        self._flush()
        self._file.add_key_value_metadata(self._stream.start_footer())
        self._file.close()
        self._stream.finish()


def _find_fault(table: pa.Table, error: pa.ArrowException) -> SchemaError:
    """Create the error of a value that Parquet cannot hold, such as seconds that overflow as milliseconds."""
    for name, column in zip(table.column_names, table.columns, strict=True):
        try:
            pq.write_table(pa.table({name: column}), pa.BufferOutputStream())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as found:
            what = f"Parquet cannot hold a value ({str(found).splitlines()[0][:160]})"
            return SchemaError(what, feature=name, hint="cast the column, or drop it")
    return SchemaError(f"Parquet cannot hold a value ({error})", hint="cast the columns, or drop them")


def _check_types(schema: pa.Schema) -> None:
    """Refuse types that Parquet does not have: unions, intervals of months, decimals of negative scale."""
    try:
        pq.ParquetWriter(pa.BufferOutputStream(), schema).close()
    except (pa.ArrowException, OSError):
        for field in schema:
            try:
                pq.ParquetWriter(pa.BufferOutputStream(), pa.schema([field])).close()
            except (pa.ArrowException, OSError):
                what = f"Parquet cannot hold Arrow type {field.type}"
                raise SchemaError(what, feature=field.name, hint="cast the column, or drop it") from None
        raise


def _check_fixed_lists(batch: pa.RecordBatch) -> None:
    """Refuse missing lists of fixed size and tensors: Arrow writes them, and does not read them back."""
    for field, column in zip(batch.schema, batch.columns, strict=True):
        for array in _list_arrays(column):
            is_fixed = pa.types.is_fixed_size_list(array.type)
            if is_fixed and array.null_count:
                what = f"Parquet cannot hold {array.null_count:,} missing values of {array.type}"
                hint = "cast the column to lists of any length, or fill it"
                raise SchemaError(what, feature=field.name, hint=hint)


def _list_arrays(array: pa.Array) -> Iterator[pa.Array]:
    """Yield a column and what is nested in it, without the values of missing structs and lists."""
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    yield array
    if pa.types.is_struct(array.type):
        for child in array.flatten():
            yield from _list_arrays(child)
    elif pa.types.is_map(array.type):
        yield from _list_arrays(array.items)
    elif pa.types.is_nested(array.type) and hasattr(array, "flatten"):
        yield from _list_arrays(array.flatten())


def write_parquet(
    path: str | os.PathLike[str], batches: Iterable[pa.RecordBatch], schema: pa.Schema, shards: int = 1
) -> list[str]:
    """Write Parquet files in row groups of about 64 MiB, compressed with Zstandard; Arrow types are kept.

    Pages, blocks and the footer have checksums, which `Dataset.from_parquet` checks.

    Returns:
        The paths written: `path`, or with several shards `base-00000-of-00008.parquet` and so on.

    Raises:
        UsageError: The path cannot be written to.
        SchemaError: A missing list of fixed size.
    """
    return write_shards(_Writer, path, batches, schema, shards)
