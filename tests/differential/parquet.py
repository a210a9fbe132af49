"""Parquet against Polars: files of Arrow and of Polars, of all kinds of columns, encodings and row groups.

What Polars reads, Headrace reads with the same values: all columns, chosen columns, and shuffled rows. A file
that is cut off, or one of ours in which a byte is changed, is read or refused in one line. Except:

1. Two columns of one name, and strings that are not UTF-8, are refused.
2. Polars reads the logical type that Parquet stores, Headrace the Arrow type in the footer; values are
   compared as Python objects.
3. A missing list of fixed size is refused: Arrow does not read it from Parquet.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from headrace.data import Dataset
from headrace.data.sinks import write_parquet
from headrace.errors import HeadraceError

_TEXTS = ["", "a", "Straße", "日本", "😀", "\x00", "01234", "2026-11-24", "word " * 20]
_FLOATS = [0.0, -0.0, 0.5, -1.5, 1e30, float("inf"), float("nan"), 2.0**-140]


def compare(random: Random, folder: Path) -> str:
    """Generate a file, read it both ways and compare."""
    table = make_table(random)
    path = folder / "a.parquet"
    write(table, path, random)
    if random.random() < 0.3:
        return compare_damaged(path, random)
    expected = pl.read_parquet(path, glob=False).to_dicts() if table.num_columns else []
    check(rows(Dataset.from_parquet(path)), expected, table)
    if table.num_columns:
        names = random.sample(table.column_names, random.randint(1, table.num_columns))
        chosen = [{name: row[name] for name in names} for row in expected]
        check(rows(Dataset.from_parquet(path, columns=names)), chosen, table)
        check(sorted_rows(rows(Dataset.from_parquet(path).shuffle(seed=0))), sorted_rows(expected), table)
    return "read"


def compare_damaged(path: Path, random: Random) -> str:
    """Cut a file off, or change a byte of one of ours; it is read or refused in one line."""
    data = bytearray(path.read_bytes())
    at = random.randrange(len(data))
    if random.random() < 0.5 or b"headrace.blocks" not in data:
        del data[at:]  # Arrow aborts the process at some changed bytes of a footer without checksums
    else:
        data[at] ^= random.randrange(1, 256)
    path.write_bytes(data)
    try:
        list(Dataset.from_parquet(path))
    except HeadraceError as error:
        if "\n" in str(error):
            raise AssertionError(f"several lines: {error}") from error
        return "refused"
    return "read after damage"


def rows(ds: Dataset) -> list[dict[str, Any]]:
    """Read all rows."""
    return [row for batch in ds for row in batch.to_pylist()]


def sorted_rows(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort rows by their texts."""
    return sorted(given, key=lambda row: repr(comparable(row)))


def check(found: list[Any], expected: list[Any], table: pa.Table) -> None:
    """Compare rows.

    Raises:
        AssertionError: They differ.
    """
    assert len(found) == len(expected), f"{len(found)} rows, expected {len(expected)}: {table.schema}"
    for row, other in zip(found, expected, strict=True):
        assert repr(comparable(row)) == repr(comparable(other)), f"{row} != {other}: {table.schema}"


def comparable(value: Any) -> Any:
    """Make values of both libraries alike."""
    if isinstance(value, dict):
        return {key: comparable(each) for key, each in value.items()}
    if isinstance(value, list | pl.Series):
        return [comparable(each) for each in value]
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


def make_table(random: Random) -> pa.Table:
    """Make a table of random columns."""
    count = random.choice([0, 1, 2, 7, 7, 40])
    names = random.sample(["a", "b", "a.b", "日", "key", "x y"], random.randint(0 if count == 0 else 1, 4))
    columns = {name: make_column(random, count, depth=0) for name in names}
    fields = [
        pa.field(name, column.type, nullable=bool(column.null_count) or random.random() < 0.7)
        for name, column in columns.items()
    ]
    return pa.table(list(columns.values()), schema=pa.schema(fields))


def make_column(random: Random, count: int, depth: int) -> pa.Array:
    """Make a column of a random type, with nulls or without."""
    type_, make = random.choice(_flat_types(random))
    if depth < 2 and random.random() < 0.3:
        type_, make = _nest(random, type_, make)
    null = 0 if pa.types.is_fixed_size_list(type_) else random.choice([0, 0, 0.3, 1])
    values = [None if random.random() < null else make() for _ in range(count)]
    column = pa.array(values, type_)
    return column.dictionary_encode() if pa.types.is_string(type_) and random.random() < 0.3 else column


def _flat_types(random: Random) -> list[tuple[pa.DataType, Callable[[], Any]]]:
    integers = [
        (getattr(pa, f"{sign}int{bits}")(), lambda low=low, bits=bits: random.randint(low, low + 2**bits - 1))
        for bits in (8, 16, 32, 64)
        for sign, low in (("", -(2 ** (bits - 1))), ("u", 0))
    ]
    day, second = timedelta(days=1), timedelta(milliseconds=1)
    return [
        *integers,
        (pa.bool_(), lambda: random.random() < 0.5),
        (pa.float32(), lambda: random.choice(_FLOATS)),
        (pa.float64(), lambda: random.choice([*_FLOATS, random.random()])),
        (pa.string(), lambda: random.choice(_TEXTS)),
        (pa.large_string(), lambda: random.choice(_TEXTS)),
        (pa.binary(), lambda: random.randbytes(random.randint(0, 9))),
        (pa.date32(), lambda: date(1970, 1, 1) + day * random.randint(-9999, 9999)),
        (pa.timestamp("ms"), lambda: datetime(1970, 1, 1) + second * random.randint(-(10**12), 10**12)),
        (
            pa.timestamp("us", "UTC"),
            lambda: datetime(2020, 1, 1, tzinfo=UTC) + second * random.randint(0, 10**9),
        ),
        (pa.time64("us"), lambda: time(random.randint(0, 23), 5, 7)),
        (pa.decimal128(9, 2), lambda: Decimal(random.randint(-(10**8), 10**8)).scaleb(-2)),
    ]


def _nest(
    random: Random, type_: pa.DataType, make: Callable[[], Any]
) -> tuple[pa.DataType, Callable[[], Any]]:
    kind = random.choice(["list", "large", "fixed", "struct"])
    if kind == "struct":
        other, make_other = random.choice(_flat_types(random))
        return pa.struct({"x": type_, "y": other}), lambda: {"x": make(), "y": make_other()}
    if kind == "fixed":
        return pa.list_(type_, 2), lambda: [make(), make()]
    build = pa.list_ if kind == "list" else pa.large_list
    return build(type_), lambda: [make() for _ in range(random.randint(0, 3))]


def write(table: pa.Table, path: Path, random: Random) -> None:
    """Write a table by one of three writers."""
    writer = random.choice(["arrow", "arrow", "polars", "ours"]) if table.num_columns else "arrow"
    if writer == "ours":
        write_parquet(path, table.to_batches(max_chunksize=random.choice([3, 100])), table.schema)
    elif writer == "polars":
        pl.from_arrow(table).write_parquet(path, row_group_size=random.choice([None, 3, 100]))  # type: ignore[union-attr]
    else:
        pq.write_table(
            table,
            path,
            row_group_size=random.choice([1, 3, 100]),
            compression=random.choice(["none", "snappy", "gzip", "zstd", "lz4", "brotli"]),
            use_dictionary=random.random() < 0.5,
            data_page_version=random.choice(["1.0", "2.0"]),
            data_page_size=random.choice([1024, None]),
            write_page_checksum=random.random() < 0.5,
            store_schema=random.random() < 0.7,
            write_statistics=random.random() < 0.7,
        )
