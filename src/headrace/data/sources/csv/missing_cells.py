"""The cells that mean "missing" among numbers: blank ones, and the words for it that programs write.

"NaN" in any letter case is one of these words. Arrow knows only two of its spellings as such, and reads the
others, and all of them between spaces, as the number NaN.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pyarrow as pa
from pyarrow import csv

from headrace import arrow_compute as pc

__all__ = ["NULL_WORDS", "hide_missing", "hide_nan"]

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


def hide_nan(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch with null in the place of NaN.

    >>> hide_nan(pa.record_batch({"x": pa.array([1.5, float("nan"), None])})).column("x").to_pylist()
    [1.5, None, None]
    """
    columns = batch.columns
    for place, column in enumerate(columns):
        if pa.types.is_floating(column.type):
            values = column.to_numpy(zero_copy_only=False)  # NaN where null
            missing = np.isnan(values)
            if np.count_nonzero(missing) > column.null_count:
                columns[place] = pa.array(values, column.type, mask=missing)
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)
