"""The cells that mean "missing" among numbers: blank ones, and the words for it that programs write."""

from __future__ import annotations

from typing import TypeVar

import pyarrow as pa
from pyarrow import csv

from headrace import arrow_compute as pc

__all__ = ["NULL_WORDS", "hide_missing"]

# Those of Arrow, and those of pandas that Arrow lacks; the kernel `classify_cell` knows the same ones.
NULL_WORDS = (*csv.ConvertOptions().null_values, "None", "<NA>")

C = TypeVar("C", pa.Array, pa.ChunkedArray)


def hide_missing(cells: C) -> C:
    """Return cells without the white space around them; null where they are blank or a word for "missing".

    >>> hide_missing(pa.array([" 7", "  ", "NA ", "x"])).to_pylist()
    ['7', None, None, 'x']
    """
    words = pa.array(NULL_WORDS, pa.string())
    cells = pc.call_function("utf8_trim_whitespace", [cells])
    missing = pc.call_function("is_in", [cells], pc.SetLookupOptions(words))
    return pc.call_function("if_else", [missing, pa.scalar(None, pa.string()), cells])
