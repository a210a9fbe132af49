"""Ops on strings that do the same to a byte wherever it stands: a table of 256 entries, and tables in a row.

An entry is what becomes of the byte: another byte, `DROP`, or `CUT`, which ends a token. Of UTF-8 only ASCII
may change, all that lies beyond is kept, dropped or cut together; so characters stay whole.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from headrace import _native
from headrace.columns import Ragged
from headrace.transform.ops.strings.arrow_buffers import string_buffers, strings_from_buffers
from headrace.transform.ops.strings.portable_regex import Ranges

__all__ = ["CUT", "DROP", "byte_table", "compose_tables", "map_strings", "ranges_to_bytes", "split_strings"]

DROP, CUT = 256, 257


def byte_table(changes: dict[int, int]) -> np.ndarray:
    """The table that keeps every byte but those of `changes`."""
    table = np.arange(256, dtype=np.uint16)
    table[list(changes)] = list(changes.values())
    return table


def ranges_to_bytes(ranges: Ranges) -> list[int] | None:
    """The bytes of these characters, if those beyond ASCII are all in or all out; else None."""
    beyond = [(max(first, 128), last) for first, last in ranges if last >= 128]
    if beyond and beyond != [(128, 0x10FFFF)]:
        return None
    within = [point for first, last in ranges for point in range(first, min(last, 127) + 1)]
    return [*within, *range(128, 256)] if beyond else within


def compose_tables(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Both in a row, of which the first cuts nothing."""
    return np.where(first == DROP, np.uint16(DROP), second[np.minimum(first, 255)])


def map_strings(x: Any, table: np.ndarray) -> Any:
    """The strings with their bytes replaced or dropped; `x` may be `Ragged`."""
    if isinstance(x, Ragged):
        return Ragged(map_strings(x.values, table), x.row_splits)
    return strings_from_buffers(*_native.map_bytes(*string_buffers(x), table))


def split_strings(x: Any, table: np.ndarray) -> Ragged:
    """The tokens of each string."""
    offsets, data, row_splits = _native.cut_bytes(*string_buffers(x), table)
    return Ragged(strings_from_buffers(offsets, data), row_splits)
