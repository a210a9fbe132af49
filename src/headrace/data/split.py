"""Divide the rows of a dataset into parts that share no row, in any epoch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from numbers import Integral
from typing import Any

import numpy as np
import pyarrow as pa

from headrace import arrow_compute as pc
from headrace.arguments import is_number
from headrace.data.plan import Numbers
from headrace.errors import UsageError
from headrace.random_order import random_order, shuffle_source

__all__ = ["assign_parts", "check_sizes", "compute_fractions"]

_HINT = "pass the share of each part, split(0.8, 0.2), or the rows of the first one, split(55_000)"

ReadColumn = Callable[[str], pa.ChunkedArray]


def check_sizes(sizes: Sequence[Any]) -> tuple[float, ...]:
    """Check the sizes of parts: all of them numbers of rows, or all of them shares of 1.

    Raises:
        UsageError: They are not, or several shares do not add up to 1.
    """
    is_valid = bool(sizes) and all(is_number(each) and each > 0 for each in sizes)
    if not is_valid or (len(sizes) == 1 and not _are_counts(sizes) and sizes[0] >= 1):
        raise UsageError(
            f"expected fractions or numbers of rows above 0, got {', '.join(map(repr, sizes)) or 'none'}",
            hint=_HINT,
        )
    if not _are_counts(sizes) and len(sizes) > 1 and abs(math.fsum(sizes) - 1) > 1e-6:
        raise UsageError(
            f"expected fractions that add up to 1, got {' + '.join(f'{each:g}' for each in sizes)} = "
            f"{math.fsum(sizes):g}",
            hint=_HINT,
        )
    return tuple(sizes)


def compute_fractions(sizes: Sequence[float], rows: int) -> tuple[float, ...]:
    """Return the share of each part; a single size leaves the other rows to a second part.

    Raises:
        UsageError: The sizes are numbers of rows that do not fit.
    """
    if not _are_counts(sizes):
        return (sizes[0], round(1 - sizes[0], 12)) if len(sizes) == 1 else tuple(sizes)
    if len(sizes) == 1:
        if sizes[0] >= rows:
            raise UsageError(f"a part of {sizes[0]:,} of {rows:,} rows leaves no row", hint=_HINT)
        sizes = (sizes[0], rows - sizes[0])
    if sum(sizes) != rows:
        what = f"expected numbers of rows that add up to {rows:,}, got {' + '.join(f'{n:,}' for n in sizes)}"
        raise UsageError(what, hint="pass the first alone: the other rows are a second part")
    return tuple(each / rows for each in sizes)


def _are_counts(sizes: Sequence[Any]) -> bool:
    return all(isinstance(each, Integral) for each in sizes)


def assign_parts(
    rows: int,
    fractions: Sequence[float],
    read_column: ReadColumn,
    *,
    seed: int = 0,
    stratify: str | None = None,
    group: str | None = None,
    by: str | None = None,
) -> list[Numbers]:
    """Assign each row to a part.

    Args:
        rows: The number of rows.
        fractions: The share of each part.
        read_column: Reads a column of all rows.
        seed: Selects the random choice.
        stratify: A column whose values have the same shares in each part, to within one row.
        group: A column whose values stay together in one part.
        by: A column to sort by; the last rows are the last part. Nothing is random then.

    Returns:
        The row numbers of each part, int64, ascending.

    Raises:
        UsageError: More than one column, a column with nulls, or a part without rows.
    """
    if sum(name is not None for name in (stratify, group, by)) > 1:
        raise UsageError(
            "expected one of stratify, group and by, got several", hint="choose the one that matters most"
        )
    random = shuffle_source(seed)
    if stratify is not None:
        parts = _stratify(_number_values(read_column(stratify), stratify, rows), fractions, random)
    elif group is not None:
        parts = _keep_groups(_number_values(read_column(group), group, rows), fractions, random)
    else:
        if by is not None:
            column = read_column(by)
            _check_column(column, by, rows)
            order = np.asarray(pc.call_function("sort_indices", [column])).astype(np.int64)
        else:
            order = random_order(rows, random)
        parts = np.split(order, np.cumsum(_divide(rows, fractions))[:-1])
    for part, fraction in zip(parts, fractions, strict=True):
        if not len(part):
            raise UsageError(
                f"a part of {fraction:g} of {rows:,} rows has no row",
                hint="pass larger fractions, or read more rows",
            )
    return [np.sort(part).astype(np.int64) for part in parts]


def _divide(rows: int, fractions: Sequence[float]) -> Numbers:
    """Round the sizes of the parts so that they add up to `rows`."""
    exact = np.array(fractions) * rows
    sizes = np.floor(exact + 1e-9).astype(np.int64)
    largest = np.argsort(sizes - exact, kind="stable")[: rows - int(sizes.sum())]
    sizes[largest] += 1
    return sizes


def _check_column(column: pa.ChunkedArray, name: str, rows: int) -> None:
    if column.null_count:
        raise UsageError(
            f"{column.null_count:,} of {rows:,} values are missing",
            feature=name,
            hint="filter these rows, or split by another column",
        )


def _number_values(column: pa.ChunkedArray, name: str, rows: int) -> Numbers:
    """Number the distinct values of a column in the order in which they appear, int64 [rows]."""
    _check_column(column, name, rows)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    encoded = column.combine_chunks().dictionary_encode()
    return np.asarray(encoded.indices).astype(np.int64)


def _stratify(values: Numbers, fractions: Sequence[float], random: np.random.PCG64) -> list[Numbers]:
    """Divide the rows of each value; what rounding takes from a part, the next values return."""
    order = random_order(len(values), random)
    by_value = order[np.argsort(values[order], kind="stable")]
    counts = np.bincount(values)
    parts: list[list[Numbers]] = [[] for _ in fractions]
    owed = np.zeros(len(fractions))
    for rows in np.split(by_value, np.cumsum(counts)[:-1]):
        owed += np.array(fractions) * len(rows)
        sizes = np.maximum(np.floor(owed + 1e-9), 0).astype(np.int64)
        while sizes.sum() > len(rows):
            sizes[np.argmax(sizes - owed)] -= 1
        while sizes.sum() < len(rows):
            sizes[np.argmax(owed - sizes)] += 1
        owed -= sizes
        for part, chosen in zip(parts, np.split(rows, np.cumsum(sizes)[:-1]), strict=True):
            part.append(chosen)
    return [_join(part) for part in parts]


def _keep_groups(groups: Numbers, fractions: Sequence[float], random: np.random.PCG64) -> list[Numbers]:
    """Assign groups, the largest first and equal ones in random order, to the part that lacks most rows."""
    counts = np.bincount(groups)
    order = random_order(len(counts), random)
    order = order[np.argsort(-counts[order], kind="stable")]
    wanted = np.array(fractions) * len(groups)
    part_of = np.empty(len(counts), np.int64)
    for number in order.tolist():
        part_of[number] = np.argmax(wanted)
        wanted[part_of[number]] -= counts[number]
    parts = part_of[groups]
    return [np.flatnonzero(parts == part) for part in range(len(fractions))]


def _join(arrays: Iterable[Numbers]) -> Numbers:
    return np.concatenate([np.empty(0, np.int64), *arrays])
