"""Texts as values of a type, also where Arrow does not cast strings to it."""

from __future__ import annotations

import pyarrow as pa

from headrace import arrow_compute as pc

__all__ = ["parse_text"]

_DAY = "1970-01-01 "  # on which times are read as timestamps


def parse_text(texts: pa.Array | pa.ChunkedArray, type_: pa.DataType) -> pa.Array | pa.ChunkedArray:
    """Parse strings into values of a type; null stays null.

    Times are `HH:MM`, `HH:MM:SS` or `HH:MM:SS.f`, durations integers of their unit, everything else as Arrow
    casts strings.

    Raises:
        pa.ArrowInvalid, pa.ArrowNotImplementedError: A text is not a value of the type.

    Example:
        >>> parse_text(pa.array(["12:30:00.5", None]), pa.time32("ms")).to_pylist()
        [datetime.time(12, 30, 0, 500000), None]
    """
    if pa.types.is_time(type_):
        dated = pc.call_function("binary_join_element_wise", [_DAY, texts, ""])
        return dated.cast(pa.timestamp(type_.unit)).cast(type_)
    if pa.types.is_duration(type_):
        return texts.cast(pa.int64()).cast(type_)
    if pa.types.is_null(type_) and texts.null_count == len(texts):
        return pa.nulls(len(texts))
    return texts if texts.type == type_ else texts.cast(type_)
