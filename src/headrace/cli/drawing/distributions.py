"""The distribution of the values of a column: a histogram, or the most frequent values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from headrace.cli.drawing.formatting import format_number, format_text
from headrace.columns import from_arrow, timestamps_from_arrow

__all__ = ["Distribution", "find_distributions"]

_BINS = 24
_MOST_VALUES = 12  # that are shown one by one
_MOST_DISTINCT = 40  # of strings that are categories
_MOST_PARTS = 8  # of a short tensor, a distribution each
_BLOCKS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Distribution:
    """What values a column has.

    Attributes:
        name: The column, with the unit of what is counted where that is not its values: "text (words)".
        missing: The rows without a value, NaN included.
        counts: The values in each bin, or of each of `values`.
        edges: The ends of the bins, one more than there are; empty for single values.
        values: The single values, as texts.
        others: Further values, which are too many to show.
    """

    name: str
    missing: int
    counts: tuple[int, ...]
    edges: tuple[float, ...] = ()
    values: tuple[str, ...] = ()
    others: int = 0

    @property
    def line(self) -> str:
        """The distribution in one line: blocks between its ends, or values with their shares."""
        total = sum(self.counts) + self.others
        if not total:
            return "–"
        if self.edges:
            blocks = "".join(_block(count, max(self.counts)) for count in self.counts)
            return f"{format_number(self.edges[0])} {blocks} {format_number(self.edges[-1])}"
        shown = [
            f"{format_text(value, 20)} {count / total:.0%}"
            for value, count in zip(self.values, self.counts, strict=True)
        ]
        return ", ".join([*shown, *([f"others {self.others / total:.0%}"] if self.others else [])])


def find_distributions(table: pa.Table, classes: dict[str, Sequence[str]]) -> list[Distribution]:
    """Find the distribution of each column; a short tensor has one for each of its places.

    Args:
        table: The rows.
        classes: The names of the classes of columns of integers.
    """
    found: list[Distribution] = []
    for name in table.schema.names:
        for part, values in _split_tensor(name, table[name].combine_chunks()):
            found.append(_find(part, values, classes.get(name, ())))
    return found


def _split_tensor(name: str, column: pa.Array) -> Iterator[tuple[str, pa.Array]]:
    """Yield the places of a short tensor, or the values of a long one, or the column."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if not pa.types.is_fixed_size_list(column.type):
        yield name, column
        return
    size, values = column.type.list_size, column.flatten()
    while pa.types.is_fixed_size_list(values.type):
        size, values = size * values.type.list_size, values.flatten()
    if not 0 < size <= _MOST_PARTS:
        yield f"{name} (values)", values
        return
    for place in range(size):
        yield f"{name}[{place}]", values.take(pa.array(np.arange(place, len(values), size)))


def _find(name: str, column: pa.Array, classes: Sequence[str]) -> Distribution:
    missing, column, type_ = column.null_count, column.drop_null(), column.type
    if pa.types.is_dictionary(type_):
        column, type_ = column.dictionary_decode(), type_.value_type
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        lengths = np.asarray(pc.call_function("list_value_length", [column]))
        return _bin(f"{name} (values)", missing, lengths)
    if pa.types.is_string(type_) or pa.types.is_large_string(type_):
        return _find_strings(name, missing, column)
    if pa.types.is_binary(type_) or pa.types.is_large_binary(type_):
        return _bin(f"{name} (bytes)", missing, np.asarray(pc.call_function("binary_length", [column])))
    if pa.types.is_timestamp(type_) or pa.types.is_date(type_):
        days = np.asarray(timestamps_from_arrow(column)) / 86_400e6
        return _bin(f"{name} (year)", missing, 1970 + days / 365.2425)
    if pa.types.is_decimal(type_):
        column, type_ = column.cast(pa.float64()), pa.float64()
    if not (pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_boolean(type_)):
        return Distribution(name, missing, ())
    numbers = np.asarray(from_arrow(column))
    distinct = np.unique(numbers) if numbers.dtype.kind != "f" else np.empty(0)
    if classes or (numbers.dtype.kind != "f" and len(distinct) <= _MOST_VALUES):
        known = dict(enumerate(classes))
        labels = [known.get(int(value), str(value)) for value in distinct]
        return _count(name, missing, labels, [int((numbers == value).sum()) for value in distinct])
    return _bin(name, missing, numbers)


def _find_strings(name: str, missing: int, column: pa.Array) -> Distribution:
    """Count strings that come again; count the words of others, or the characters where each is one word."""
    counted = pc.call_function("value_counts", [column]).to_pylist()
    distinct = len(counted)
    if distinct <= _MOST_VALUES or distinct * (2 if distinct <= _MOST_DISTINCT else 20) < len(column):
        counted.sort(key=lambda each: -each["counts"])
        return _count(
            name, missing, [each["values"] for each in counted], [each["counts"] for each in counted]
        )
    words = pc.call_function("utf8_split_whitespace", [column])
    lengths = np.asarray(pc.call_function("list_value_length", [words]))
    if lengths.max() > 1:
        return _bin(f"{name} (words)", missing, lengths)
    return _bin(f"{name} (characters)", missing, np.asarray(pc.call_function("utf8_length", [column])))


def _count(name: str, missing: int, values: Sequence[str], counts: Sequence[int]) -> Distribution:
    shown = len(values) if len(values) <= _MOST_VALUES else _MOST_VALUES - 1
    others = sum(counts[shown:])
    return Distribution(name, missing, tuple(counts[:shown]), values=tuple(values[:shown]), others=others)


def _bin(name: str, missing: int, numbers: NDArray[np.generic]) -> Distribution:
    values = numbers.astype(np.float64)
    finite = values[np.isfinite(values)]
    missing += int(np.isnan(values).sum())
    if not len(finite):
        return Distribution(name, missing, ())
    low, high = float(finite.min()), float(finite.max())
    if low == high or not np.isfinite(high - low):
        return Distribution(name, missing, (len(finite),), values=(format_number(low),))
    counts, edges = np.histogram(finite, _BINS)
    return Distribution(name, missing, tuple(counts.tolist()), tuple(edges.tolist()))


def _block(count: int, most: int) -> str:
    """Return a block as high as the count; no value at all is blank."""
    return _BLOCKS[min(len(_BLOCKS) - 1, count * len(_BLOCKS) // most)] if count else " "
