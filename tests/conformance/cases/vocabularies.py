"""Cases of ops between values and indices."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from .case import EDGES, FLOATS, INTEGERS, Case, column, make_op, shapes, strings_of
from .strings import CLASSES, SPACED

__all__ = ["CASES"]


def _apply_vocabulary() -> list[Case]:
    vocabularies = [
        [],
        ["a"],
        ["the", "İ", "i̇", "\n", "ß", "SS", "\U0010ffff", "a b", "a"],
        ["", "a"],
        [f"word{i}" for i in range(1000)],
        ["x" * 100_000, "x" * 99_999],
    ]
    return [
        case
        for words in vocabularies
        for buckets, default in [(0, -1), (0, 7), (1, -1), (13, -1)]
        for case in strings_of(
            make_op("apply_vocabulary", buckets, default),
            pa.array(words, pa.string()),
            words=words[:20],
            ragged=buckets > 1,
        )
    ]


def _index_text() -> list[Case]:
    words = ["hello", "HELLO", "its", "İx", "a", "x", "\x1e\x1d", "two words", "", "word", "abcdefghij", "X"]
    vocabularies = [(words, 0, -1, 0), (words[::-1], 3, -1, 0), (["z"], 1, -1, 0), (words, 0, 1, 2)]
    return [
        case
        for classes, (vocabulary, *numbers) in zip(CLASSES[::2], vocabularies, strict=True)
        for case in strings_of(
            make_op("index_text", *classes, *numbers),
            pa.array(vocabulary, pa.string()),
            words=SPACED,
            ragged=False,
        )
    ]


def _one_hot_buckets() -> list[Case]:
    return [
        Case(make_op("one_hot_buckets", depth), (column(dtype), np.array(edges, dtype)))
        for dtype in (*FLOATS, "int64")
        for edges in EDGES[1:]
        if dtype != "int64" or np.isfinite(edges).all()
        for depth in (len(edges) - 1, len(edges) + 1, len(edges) + 3)
        if depth
    ]


def _isin() -> list[Case]:
    lists = {"int64": [0, -1, 2**53 + 1], "float32": [0.0, 0.5, np.nan], "uint8": [255], "float64": []}
    return [
        Case(make_op("is_in"), (type_, np.array(values, dtype)))
        for dtype, values in lists.items()
        for type_ in shapes(dtype)
    ]


def _lookup() -> list[Case]:
    tables = [np.array([0.5, -0.0, np.inf], np.float32), np.array([7.0]), np.array([], np.float32)]
    index = [*(column(dtype) for dtype in INTEGERS[:7]), *shapes("int64")]
    whole = [np.array([2**53 + 1, -(2**63), 2**63 - 1]), np.array([], np.int64)]
    rows = [np.array([[1.0, 2.0], [3.0, 4.0]]), np.zeros((0, 3), np.float32)]
    return [
        *(Case(make_op("lookup", -1.5), (type_, table)) for table in tables for type_ in index),
        *(Case(make_op("lookup", -1.5), (column("int64"), table)) for table in rows),
        *(
            Case(make_op("lookup", -(2**53) - 1), (type_, table))
            for table in whole
            for type_ in shapes("int64")
        ),
        Case(make_op("lookup", 2**64 - 2), (column("int64"), np.array([2**64 - 1, 2**63, 0], np.uint64))),
    ]


def _index_of() -> list[Case]:
    lists = [[], [7], [0, -1, 2**62, -(2**63), 3, 1], [5, 300, -300, 0, 2**31]]
    return [
        Case(make_op("index_of"), (type_, np.array(numbers, np.int64)))
        for numbers in lists
        for type_ in [*(column(dtype) for dtype in INTEGERS[:7]), *shapes("int64")]
    ]


CASES: dict[str, list[Case]] = {
    "apply_vocabulary": _apply_vocabulary(),
    "index_of": _index_of(),
    "index_text": _index_text(),
    "is_in": _isin(),
    "lookup": _lookup(),
    "one_hot": [
        *(Case(make_op("one_hot", n), (column(dtype),)) for n in (1, 3, 300) for dtype in INTEGERS),
        *(Case(make_op("one_hot", 4), (column("int64", *shape),)) for shape in [(1,), (3,), (2, 2)]),
    ],
    "one_hot_buckets": _one_hot_buckets(),
    "string_at": [
        Case(make_op("string_at", "İ"), (column(dtype, ragged=ragged), pa.array(words, pa.string())))
        for dtype in INTEGERS[:7]
        for ragged in (False, True)
        for words in ([], ["", "a", "\U0010ffff b\n", "x" * 1000])
    ],
}
