"""Cases of ops on lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from headrace.transform.graph.op import Op

from .case import INTEGERS, Case, column, make_op

__all__ = ["CASES"]


def _lists(op: Op, dtypes: Iterable[str], **options: Any) -> list[Case]:
    return [Case(op, (column(dtype, ragged=True),), **options) for dtype in dtypes]


def _ngrams() -> list[Case]:
    few = [(1, 1, " "), (1, 2, " "), (2, 3, ""), (3, 3, "\U0001f600")]
    return [case for each in few for case in _lists(make_op("ngrams", *each), ["string"])]


def _count_vector() -> list[Case]:
    counted = [Case(make_op("count_vector", n), (each,)) for n in (1, 8, 300) for each in VECTORS]
    weighted = [(each, replace(each, dtype=dtype)) for each in VECTORS for dtype in ("float32", "int64")]
    return [*counted, *(Case(make_op("count_vector", 8), pair) for pair in weighted)]


VECTORS = [column("int64", ragged=True), column("int8", ragged=True), column("int64"), column("uint8", 3)]


CASES: dict[str, list[Case]] = {
    "count_vector": _count_vector(),
    "deduplicate_per_row": _lists(make_op("deduplicate_per_row"), ["string", *INTEGERS[:7]]),
    "join_lists": [
        Case(make_op("join_lists"), (column(dtype, ragged=True),) * n)
        for dtype, n in [("string", 2), ("int64", 1), ("float32", 3), ("bool", 2)]
    ],
    "ngrams": _ngrams(),
    "segment_indices": _lists(make_op("segment_indices"), INTEGERS[:7]),
    "row_length": _lists(make_op("row_length"), ["string", "int64", "bool"]),
    "term_frequency": _lists(make_op("term_frequency"), ["string", "int64", "int8"]),
    "to_dense": [
        Case(make_op("to_dense", n, -1.0 if "float" in t else 7), (column(t, ragged=True),))
        for n in (1, 3, 9)
        for t in ("int64", "uint8", "float32")
    ],
    "to_lists": [
        *(Case(make_op("to_lists"), (column("int64", *shape),)) for shape in [(), (1,), (3,), (2, 2)]),
        *(Case(make_op("to_lists"), (column(dtype),)) for dtype in ("string", "bool", "float32", "uint8")),
    ],
}
