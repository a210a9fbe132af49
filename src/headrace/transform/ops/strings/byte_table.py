"""Byte tables: string ops that map each byte independently of its neighbours, as 256 entries.

An entry is the byte's replacement: a byte, `DROP`, or `CUT`, which ends a token. Only ASCII bytes may be
replaced; bytes from 128 on are all kept, all dropped or all cut, so that UTF-8 characters stay whole.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from headrace import _native
from headrace.columns import Ragged
from headrace.transform.ops.strings.arrow_buffers import get_buffers, strings_from_buffers
from headrace.transform.ops.strings.portable_regex import Ranges

__all__ = [
    "CUT",
    "DROP",
    "compose_tables",
    "make_byte_table",
    "map_strings",
    "ranges_to_bytes",
    "split_strings",
]

DROP, CUT = _native.ByteAction.DROP, _native.ByteAction.CUT


def make_byte_table(changes: dict[int, int]) -> np.ndarray:
    """Make the table that replaces the bytes in `changes` and keeps all others: uint16 [256]."""
    table = np.arange(256, dtype=np.uint16)
    table[list(changes)] = list(changes.values())
    return table


def ranges_to_bytes(ranges: Ranges) -> list[int] | None:
    """Convert ranges of code points to bytes; None if they contain some non-ASCII characters but not all."""
    beyond = [(max(first, 128), last) for first, last in ranges if last >= 128]
    if beyond and beyond != [(128, 0x10FFFF)]:
        return None
    within = [point for first, last in ranges for point in range(first, min(last, 127) + 1)]
    return [*within, *range(128, 256)] if beyond else within


def compose_tables(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Compose two tables, applied from left to right; the first must not contain `CUT`."""
    return np.where(first == DROP, np.uint16(DROP), second[np.minimum(first, 255)])


def map_strings(x: Any, table: np.ndarray) -> Any:
    """Replace or drop the bytes of strings by a table; `x` may be `Ragged`."""
    if isinstance(x, Ragged):
        return Ragged(map_strings(x.values, table), x.row_splits)
    return strings_from_buffers(*_native.map_bytes(*get_buffers(x), table))


def split_strings(x: Any, table: np.ndarray) -> Ragged:
    """Split each string into tokens by a table."""
    offsets, data, row_splits = _native.cut_bytes(*get_buffers(x), table)
    return Ragged(strings_from_buffers(offsets, data), row_splits)
