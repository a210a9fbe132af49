"""Cases of ops on numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headrace.transform.graph.op import Op

from .case import EDGES, FLOATS, INTEGERS, Case, column, make_op, shapes, strings_of

__all__ = ["CASES"]

NUMBERS = ["bool", *INTEGERS, *FLOATS]
TWO = {"onnxruntime": 2, "onnxruntime-web": 2, "torch": 2}
ARITHMETIC = [dtype for dtype in (*INTEGERS, *FLOATS) if dtype != "uint64"]


def _binary(name: str, dtypes: Iterable[str], **options: Any) -> list[Case]:
    cases = [Case(make_op(name), (column(dtype), column(dtype)), **options) for dtype in dtypes]
    for dtype in ("int64", "float32") if "int64" in dtypes else ("float32",):
        constant = np.asarray(3, dtype)
        row = np.array([1, 2, 3], dtype)
        cases += [
            Case(make_op(name), (column(dtype), constant), **options),
            Case(make_op(name), (constant, column(dtype)), **options),
            Case(make_op(name), (column(dtype, 3), row), **options),
            Case(make_op(name), (column(dtype, 3), column(dtype, 3)), **options),
            Case(make_op(name), (column(dtype, 3), column(dtype, 1)), **options),
            Case(make_op(name), (column(dtype, 1), row), **options),
            Case(make_op(name), (column(dtype, ragged=True), constant), **options),
            Case(make_op(name), (column(dtype, ragged=True), column(dtype, ragged=True)), **options),
        ]
    return cases


def _binary_logic(name: str) -> list[Case]:
    flag, flags = column("bool"), column("bool", ragged=True)
    return [Case(make_op(name), each) for each in [(flag, flag), (flag, np.asarray(True)), (flags, flags)]]


def _unary(op: Op, dtypes: Iterable[str], **options: Any) -> list[Case]:
    return [Case(op, (type_,), **options) for dtype in dtypes for type_ in shapes(dtype)]


def _where() -> list[Case]:
    op, flag = make_op("where"), column("bool")
    cases = [Case(op, (flag, column(dtype), column(dtype))) for dtype in ("bool", *ARITHMETIC)]
    return [
        *cases,
        Case(op, (flag, column("float32"), np.float32(0.5))),
        Case(op, (flag, np.float64(np.nan), column("float64"))),
        Case(op, (flag, np.int64(-1), np.int64(2**62))),
        Case(op, (column("bool", 1), column("float32", 3), np.array([1, 2, 3], np.float32))),
        Case(op, (column("bool", ragged=True), np.int64(1), column("int64", ragged=True))),
    ]


def _fill_missing() -> list[Case]:
    return [
        Case(make_op("fill_missing"), inputs)
        for dtype in FLOATS
        for inputs in [
            (column(dtype), column(dtype)),
            (column(dtype), np.asarray(0.1, dtype)),
            (column(dtype, 2), np.array([np.inf, -0.0], dtype)),
            (column(dtype, ragged=True), np.asarray(np.nan, dtype)),
        ]
    ]


def _cast() -> list[Case]:
    dense = [Case(make_op("cast", to), (column(dtype),)) for dtype in NUMBERS for to in NUMBERS]
    ragged = Case(make_op("cast", "int32"), (column("float64", ragged=True),))
    return [*dense, ragged, Case(make_op("cast", "float32"), (column("uint8", 2, 2),))]


def _apply_buckets() -> list[Case]:
    return [
        Case(make_op("apply_buckets"), (type_, np.array(each, dtype)))
        for dtype in FLOATS
        for each in EDGES
        for type_ in ([column(dtype)] if len(each) != 4 else shapes(dtype))
    ]


def _apply_buckets_to_integers() -> list[Case]:
    edges = [[], [0], [-(2**63), -1, 2**53 + 1, 2**53 + 2, 2**63 - 1], list(range(-300, 300, 3))]
    return [
        Case(make_op("apply_buckets"), (type_, np.array(each, np.int64)))
        for each in edges
        for type_ in shapes("int64")
    ]


def _integer_difference() -> list[Case]:
    op, wide, ends = make_op("integer_difference"), INTEGERS[2:], [2**53 + 1, -(2**63), 2**63 - 1]
    return [
        *(Case(op, (column(dtype), column(dtype))) for dtype in wide),
        *(Case(op, (column("int64"), np.array(end, np.int64))) for end in ends),
        *(Case(op, (np.array(end, np.int64), column("int64", ragged=True))) for end in ends),
        *(Case(op, (column(dtype), column("float64"))) for dtype in ("int64", "uint64")),
        Case(op, (column("uint64"), np.array(2**64 - 1, np.uint64))),
        Case(op, (column("int64", 3), np.array([2.0**60, 0.5, np.nan]))),
    ]


def _pick() -> list[Case]:
    return [Case(make_op("pick", place), (column(dtype, 4),)) for dtype in NUMBERS for place in (0, 3)]


def _pick_several() -> list[Case]:
    return [
        Case(make_op("pick_several", places), (column(dtype, 4),))
        for dtype in NUMBERS
        for places in ((3,), (2, 0, 2, 1, 3))
    ]


def _transpose() -> list[Case]:
    orders = [((4, 5, 3), (2, 0, 1)), ((3, 4, 5), (1, 2, 0)), ((2, 3), (1, 0)), ((3,), (0,)), ((), ())]
    return [
        Case(make_op("transpose", axes), (column(dtype, *shape),))
        for dtype in ("uint8", "int64", "float32", "bool")
        for shape, axes in orders
    ]


def _reshape() -> list[Case]:
    shapes = [((), (1,)), ((6,), (2, 3)), ((2, 3), (6,)), ((2, 3), (3, 1, 2)), ((1,), ()), ((1, 1), (1,))]
    return [
        Case(make_op("reshape", after), (column(dtype, *before),))
        for dtype in ("uint8", "int64", "float32", "bool")
        for before, after in shapes
    ]


def _concatenate() -> list[Case]:
    op = make_op("concatenate")
    return [
        case
        for dtype in ("int64", "float32", "float64")
        for case in [
            Case(op, (column(dtype),)),
            Case(op, (column(dtype), column(dtype, 3), column(dtype, 1))),
            Case(op, tuple(column(dtype) for _ in range(12))),
        ]
    ]


def _interpolate() -> list[Case]:
    edges = [[], [0.5], [-1.0, 0.1, 0.1, 2.5, 99.0], [0.0, 0.0], [-np.inf, 0.0, np.inf], [np.nan, np.nan]]
    return [
        Case(make_op("interpolate"), (type_, np.array(each, dtype)))
        for dtype in FLOATS
        for each in edges
        for type_ in (shapes(dtype) if len(each) == 5 else [column(dtype)])
    ]


def _inverse_tukey() -> list[Case]:
    pairs = [(0.0, 0.5), (0.2, 0.0), (0.9, 1e-9)]
    constants = [tuple(np.float64(h) for h in pair) for pair in pairs]
    ulps = dict.fromkeys(TWO, 8)
    return [Case(make_op("inverse_tukey"), (column("float64"), *pair), ulps=ulps) for pair in constants]


def _nearly_neutral(name: str) -> list[Case]:
    """Constants of float64 that float32 rounds to 0 or 1, which optimizers of graphs remove."""
    return [
        case
        for number in (1e-300, -5e-324, 1e-46, 1 + 1e-9, 1 - 1e-12)
        for case in (
            Case(make_op(name), (column("float64"), np.asarray(number))),
            Case(make_op(name), (np.asarray(number), column("float64"))),
            Case(make_op(name), (column("float64", ragged=True), np.asarray(number))),
        )
    ]


TEXTS = ["", "a", "İ", "i̇", "a b", "\n", "\U0010ffff", "x" * 100_000]


CASES: dict[str, list[Case]] = {
    "abs": _unary(make_op("abs"), ARITHMETIC),
    "add": _binary("add", ARITHMETIC) + _nearly_neutral("add"),
    "apply_buckets": _apply_buckets() + _apply_buckets_to_integers(),
    "buckets_of_row": [
        Case(make_op("buckets_of_row"), (column(t), column(t, n))) for t in FLOATS for n in (1, 4)
    ],
    "cast": _cast(),
    "ceil": _unary(make_op("ceil"), FLOATS),
    "concatenate": _concatenate(),
    "cos": _unary(make_op("cos"), FLOATS),
    "cycle_wave": [
        Case(make_op("cycle_wave", period, quarters), (type_,))
        for period, quarters in ((7.0, 0), (24.0, 1), (1e-3, 1), (365.2425, 0))
        for dtype in FLOATS
        for type_ in (shapes(dtype) if period == 7.0 else [column(dtype)])
    ],
    "divide": _binary("divide", FLOATS) + _nearly_neutral("divide"),
    "equal": _binary("equal", ["bool", *ARITHMETIC]),
    "equal_string": [
        case for text in TEXTS for case in strings_of(make_op("equal_string", text), words=[text])
    ],
    "exp": _unary(make_op("exp"), FLOATS, ulps=TWO),
    "fill_missing": _fill_missing(),
    "fill_missing_string": [
        case for text in TEXTS for case in strings_of(make_op("fill_missing_string", text))
    ],
    "floor": _unary(make_op("floor"), FLOATS),
    "floor_divide": _binary("floor_divide", ARITHMETIC),
    "headroom": [
        Case(make_op("headroom", of), columns)
        for of in FLOATS
        for columns in ((column("float64"),), (column("float64"), column("float64")), (column("float64", 3),))
    ],
    "integer_difference": _integer_difference(),
    "interpolate": _interpolate(),
    "inverse_tukey": _inverse_tukey(),
    "is_missing": _unary(make_op("is_missing"), FLOATS),
    "less": _binary("less", ARITHMETIC),
    "less_equal": _binary("less_equal", ARITHMETIC),
    "log": _unary(make_op("log"), FLOATS, ulps=TWO),
    "log1p": _unary(make_op("log1p"), FLOATS, ulps=TWO),
    "logical_and": _binary_logic("logical_and"),
    "logical_not": _unary(make_op("logical_not"), ["bool"]),
    "logical_or": _binary_logic("logical_or"),
    "logical_xor": _binary_logic("logical_xor"),
    "maximum": _binary("maximum", ARITHMETIC),
    "minimum": _binary("minimum", ARITHMETIC),
    "multiply": _binary("multiply", ARITHMETIC) + _nearly_neutral("multiply"),
    "pick": _pick(),
    "pick_several": _pick_several(),
    "power": _binary("power", FLOATS, ulps=TWO),
    "remainder": _binary("remainder", ARITHMETIC),
    "reshape": _reshape(),
    "sign": _unary(make_op("sign"), ARITHMETIC),
    "sin": _unary(make_op("sin"), FLOATS),
    "sqrt": _unary(make_op("sqrt"), FLOATS, ulps={"torch": 1}),
    "round": _unary(make_op("round"), FLOATS),
    "subtract": _binary("subtract", ARITHMETIC) + _nearly_neutral("subtract"),
    "transpose": _transpose(),
    "where": _where(),
}
