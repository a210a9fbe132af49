"""Batches that are in memory already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import Ragged, to_arrow
from headrace.data.fingerprint import fingerprint
from headrace.errors import SchemaError, UsageError

__all__ = ["ArrowSource"]

_PIECE = 4096  # rows a batch
_PART = 1 << 16  # rows a part


@dataclass(frozen=True)
class ArrowSource:
    """A table held in memory, read in batches of at most 4,096 rows without copying."""

    table: pa.Table

    @classmethod
    def of(cls, data: pa.Table | pa.RecordBatch | Iterable[pa.RecordBatch]) -> ArrowSource:
        """A source of a table, a batch, or batches that share one schema.

        Raises:
            UsageError: There is no batch, and so no schema, or `data` is none of these.
            SchemaError: The batches differ in their schemas.
        """
        if isinstance(data, pa.Table):
            return cls(data)
        batches = [data] if isinstance(data, pa.RecordBatch) else list(data)
        if not batches:
            raise UsageError(
                "no record batch, so no schema", hint="give an empty pyarrow.Table with a schema"
            )
        wrong = next((b for b in batches if not isinstance(b, pa.RecordBatch)), None)
        if wrong is not None:
            raise UsageError(
                f"a {type(wrong).__name__} among the record batches",
                hint="give a pyarrow Table or RecordBatches; for a dict of arrays use Dataset.from_arrays",
            )
        try:
            return cls(pa.Table.from_batches(batches))
        except pa.ArrowInvalid as error:
            raise SchemaError(
                f"batches of one stream differ ({error})",
                hint="make every batch have the same columns and types",
            ) from error

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, Any]) -> ArrowSource:
        """A source of columns: NumPy arrays [rows, ...], `Ragged`, Arrow arrays or lists, by name.

        Raises:
            SchemaError: The columns differ in length, or one cannot become an Arrow array.
        """
        columns = {name: _column(name, values) for name, values in arrays.items()}
        if not columns:
            raise UsageError("no column", hint="give a dict of at least one array")
        first = next(iter(columns))
        for name, column in columns.items():
            if len(column) != len(columns[first]):
                raise SchemaError(
                    f"{len(column):,} rows where '{first}' has {len(columns[first]):,}",
                    feature=name,
                    hint="give arrays of one length",
                )
        return cls(pa.table(columns))

    @property
    def schema(self) -> pa.Schema:
        """The table's schema."""
        return self.table.schema

    @property
    def num_rows(self) -> int:
        """The table's length."""
        return self.table.num_rows

    def read(self) -> Iterator[pa.RecordBatch]:
        """Zero-copy slices."""
        return iter(self.table.to_batches(max_chunksize=_PIECE))

    def divide(self) -> list[ArrowSource]:
        """A source for every 65,536 rows, so that rows added at the end change no other part."""
        return [ArrowSource(self.table.slice(start, _PART)) for start in range(0, self.num_rows, _PART)]

    @property
    def fingerprint(self) -> str:
        """By all values."""
        return fingerprint(self._stream())

    def __reduce__(self) -> tuple[Any, ...]:
        """A slice goes to another process without the table it is a slice of."""
        return _of_stream, (self._stream(),)

    def _stream(self) -> bytes:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, self.schema) as writer:
            writer.write_table(self.table)
        return sink.getvalue().to_pybytes()


def _of_stream(data: bytes) -> ArrowSource:
    return ArrowSource(pa.ipc.open_stream(data).read_all())


def _column(name: str, values: Any) -> pa.Array | pa.ChunkedArray:
    try:
        if isinstance(values, pa.ChunkedArray):
            return values
        if isinstance(values, list | tuple) and not isinstance(values, Ragged):
            return pa.array(values)
        return to_arrow(values if isinstance(values, pa.Array | Ragged) else np.asarray(values))
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise SchemaError(
            f"a {type(values).__name__} that cannot become an Arrow column ({error})",
            feature=name,
            hint="give numbers, booleans or strings of one type",
        ) from error
