"""A bounded sample of the rows of a dataset, drawn in one pass, and what is counted over all rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from headrace.random_order import shuffle_source
from headrace.tables import simplify_table

Numbers = NDArray[Any]

__all__ = ["Sample", "draw_sample", "find_missing"]

_MOST_ROWS, _FEWEST_ROWS = 100_000, 1000
_MOST_CELLS = 4_000_000
_MOST_BYTES = 256 << 20
_MOST_COUNTED = 10_000  # distinct values of a column


@dataclass(frozen=True)
class Sample:
    """Rows drawn uniformly from a dataset, in their order; all rows if there are few.

    Attributes:
        table: The rows; dictionaries are decoded.
        rows: The number of rows of the dataset.
        missing: For each column, how many of all rows lack a value.
        counts: How often each value of one column occurs in all rows; None if there are too many.
        decimals: The columns that hold decimals, float64 in the sample.
    """

    table: pa.Table
    rows: int
    missing: dict[str, int] = field(default_factory=dict[str, int])
    counts: Counter[Any] | None = None
    decimals: frozenset[str] = frozenset()

    @property
    def is_whole(self) -> bool:
        """Whether the sample holds every row."""
        return self.table.num_rows == self.rows


def find_missing(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Return for each value whether it is missing: null, NaN, or a string without a visible character."""
    missing = column.is_null(nan_is_null=pa.types.is_floating(column.type))
    if pa.types.is_string(column.type):
        trimmed = pc.call_function("utf8_trim_whitespace", [column.fill_null("")])
        missing = pc.call_function("or", [missing, pc.call_function("equal", [trimmed, pa.scalar("")])])
    return missing


def draw_sample(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, counted: str | None = None, seed: int = 0
) -> Sample:
    """Draw a sample of the rows in one pass; the memory that it takes is bounded.

    Every row draws a random number; the rows with the smallest numbers are kept.

    Args:
        batches: The rows.
        schema: Their schema.
        counted: The column whose values are counted over all rows.
        seed: Selects the rows.
    """
    random = np.random.Generator(shuffle_source(seed))
    most = max(_FEWEST_ROWS, min(_MOST_ROWS, _MOST_CELLS // max(1, len(schema))))
    kept = [_simplify(schema.empty_table())]
    keys = np.empty(0)
    rows = 0
    counts: Counter[Any] | None = Counter() if counted is not None else None
    missing = dict.fromkeys(schema.names, 0)
    for batch in batches:
        table = _simplify(pa.Table.from_batches([batch]))
        for name, column in zip(table.column_names, table.columns, strict=True):
            missing[name] += int(np.count_nonzero(find_missing(column)))
        if counted is not None and counts is not None:
            counts = _count_more(counts, table[counted])
        rows += batch.num_rows
        kept.append(table)
        keys = np.concatenate([keys, random.random(batch.num_rows)])
        is_large = sum(each.nbytes for each in kept) > _MOST_BYTES
        if len(keys) > 2 * most or (is_large and len(keys) > 2 * _FEWEST_ROWS):
            most = max(_FEWEST_ROWS, len(keys) // 2) if is_large else most
            kept, keys = _keep_smallest(kept, keys, most)
    (table,), _ = _keep_smallest(kept, keys, most)
    decimals = frozenset(field.name for field in schema if pa.types.is_decimal(field.type))
    return Sample(table, rows, missing, counts, decimals)


def _count_more(counts: Counter[Any], column: pa.ChunkedArray) -> Counter[Any] | None:
    """Add the values of a column to counts; None if there are too many, or they cannot be counted."""
    if pa.types.is_nested(column.type):
        return None
    found = column.drop_null().value_counts()
    if len(found) > _MOST_COUNTED:
        return None
    for each in found.to_pylist():
        counts[each["values"]] += each["counts"]
    return counts if len(counts) <= _MOST_COUNTED else None


def _keep_smallest(tables: list[pa.Table], keys: Numbers, most: int) -> tuple[list[pa.Table], Numbers]:
    """Keep the rows with the smallest keys, in their order."""
    table = pa.concat_tables(tables)
    if len(keys) <= most:
        return [table], keys
    rows = np.sort(np.argpartition(keys, most)[:most])
    return [table.take(rows)], keys[rows]


def _simplify(table: pa.Table) -> pa.Table:
    """Decode dictionaries; convert decimals and half floats to float64, large strings to strings."""
    columns = [column.cast(_simple_type(column.type)) for column in simplify_table(table, True).columns]
    return pa.Table.from_arrays(columns, names=table.column_names)


def _simple_type(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(type_):
        return _simple_type(type_.value_type)
    if pa.types.is_large_string(type_):
        return pa.string()
    return pa.float64() if pa.types.is_decimal(type_) or pa.types.is_float16(type_) else type_
