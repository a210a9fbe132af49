"""The cases on which every op is compared between runtimes, by the name of the op.

An op without cases fails the suite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import ColumnType
from headrace.transform.graph.op import Op

__all__ = ["CASES", "FLOATS", "INTEGERS", "Case", "specials"]

INTEGERS = [f"{u}int{bits}" for u in ("", "u") for bits in (8, 16, 32, 64)]
FLOATS = ["float32", "float64"]
NUMBERS = ["bool", *INTEGERS, *FLOATS]
TWO = {"onnxruntime": 2, "onnxruntime-web": 2, "torch": 2}
ARITHMETIC = [dtype for dtype in (*INTEGERS, *FLOATS) if dtype != "uint64"]


@dataclass(frozen=True, eq=False)
class Case:
    """An op and its inputs.

    Attributes:
        op: The op with its parameters.
        inputs: The types of columns, or constants: NumPy arrays, or Arrow arrays of strings.
        ulps: The allowed distance of floats from NumPy's, in units in the last place, by runtime; else 0.
        strings: Strings to add to the generated values of string columns.
    """

    op: Op
    inputs: tuple[ColumnType | np.ndarray | pa.Array, ...]
    ulps: Mapping[str, int] = field(default_factory=dict)
    strings: tuple[str, ...] = ()

    @property
    def columns(self) -> list[ColumnType]:
        return [each for each in self.inputs if isinstance(each, ColumnType)]

    def __str__(self) -> str:
        shown = [str(each) if isinstance(each, ColumnType) else _constant_name(each) for each in self.inputs]
        return f"{self.op}({', '.join(shown)})"


def _constant_name(value: Any) -> str:
    return f"constant {getattr(value, 'dtype', 'string')}{list(getattr(value, 'shape', [len(value)]))}"


def specials(dtype: str) -> np.ndarray:
    """Return the values on which implementations of a type of number are likely to differ."""
    if dtype == "bool":
        return np.array([False, True])
    if dtype in FLOATS:
        return _special_floats(np.dtype(dtype))
    info = np.iinfo(dtype)
    wanted = [0, 1, 2, 3, 7, 2**24 + 1, 2**31, 2**53 + 1, info.max - 1, info.max]
    return np.array([each for n in wanted for each in {n, -n - 1} if info.min <= each <= info.max], dtype)


def _special_floats(dtype: np.dtype) -> np.ndarray:
    info = np.finfo(dtype)
    positive = [
        0.0,
        info.smallest_subnormal,
        info.tiny,
        1e-9,
        0.1,
        0.5,
        0.99999994,
        1.0,
        1.5,
        2.5,
        127.5,
        255.9,
    ]
    edges = [2.0**n for n in (8, 15, 16, 24, 31, 32, 53, 63, 64)]
    near = [float(np.nextafter(dtype.type(edge), dtype.type(to))) for edge in edges for to in (0, np.inf)]
    values = np.array([*positive, *edges, *near, float(info.max), np.inf], dtype)
    return np.concatenate([values, -values, np.array([np.nan], dtype)])


def _column(dtype: str, *shape: int, ragged: bool = False) -> ColumnType:
    return ColumnType(dtype, shape, ragged)


def _op(name: str, *parameters: Any) -> Op:
    make: Callable[..., Op] = Op.registry[name]
    return make(*parameters)


def _binary(name: str, dtypes: Iterable[str], **options: Any) -> list[Case]:
    cases = [Case(_op(name), (_column(dtype), _column(dtype)), **options) for dtype in dtypes]
    for dtype in ("int64", "float32") if "int64" in dtypes else ("float32",):
        constant = np.asarray(3, dtype)
        row = np.array([1, 2, 3], dtype)
        cases += [
            Case(_op(name), (_column(dtype), constant), **options),
            Case(_op(name), (constant, _column(dtype)), **options),
            Case(_op(name), (_column(dtype, 3), row), **options),
            Case(_op(name), (_column(dtype, 3), _column(dtype, 3)), **options),
            Case(_op(name), (_column(dtype, 3), _column(dtype, 1)), **options),
            Case(_op(name), (_column(dtype, 1), row), **options),
            Case(_op(name), (_column(dtype, ragged=True), constant), **options),
            Case(_op(name), (_column(dtype, ragged=True), _column(dtype, ragged=True)), **options),
        ]
    return cases


def _binary_logic(name: str) -> list[Case]:
    flag, flags = _column("bool"), _column("bool", ragged=True)
    return [Case(_op(name), each) for each in [(flag, flag), (flag, np.asarray(True)), (flags, flags)]]


def _shapes(dtype: str) -> list[ColumnType]:
    return [_column(dtype), _column(dtype, 2, 3), _column(dtype, ragged=True)]


def _unary(op: Op, dtypes: Iterable[str], **options: Any) -> list[Case]:
    return [Case(op, (type_,), **options) for dtype in dtypes for type_ in _shapes(dtype)]


def _where() -> list[Case]:
    op, flag = _op("where"), _column("bool")
    cases = [Case(op, (flag, _column(dtype), _column(dtype))) for dtype in ("bool", *ARITHMETIC)]
    return [
        *cases,
        Case(op, (flag, _column("float32"), np.float32(0.5))),
        Case(op, (flag, np.float64(np.nan), _column("float64"))),
        Case(op, (flag, np.int64(-1), np.int64(2**62))),
        Case(op, (_column("bool", 1), _column("float32", 3), np.array([1, 2, 3], np.float32))),
        Case(op, (_column("bool", ragged=True), np.int64(1), _column("int64", ragged=True))),
    ]


def _fill_missing() -> list[Case]:
    return [
        Case(_op("fill_missing"), inputs)
        for dtype in FLOATS
        for inputs in [
            (_column(dtype), _column(dtype)),
            (_column(dtype), np.asarray(0.1, dtype)),
            (_column(dtype, 2), np.array([np.inf, -0.0], dtype)),
            (_column(dtype, ragged=True), np.asarray(np.nan, dtype)),
        ]
    ]


def _cast() -> list[Case]:
    dense = [Case(_op("cast", to), (_column(dtype),)) for dtype in NUMBERS for to in NUMBERS]
    ragged = Case(_op("cast", "int32"), (_column("float64", ragged=True),))
    return [*dense, ragged, Case(_op("cast", "float32"), (_column("uint8", 2, 2),))]


_EDGES = [
    [],
    [0.0],
    [-1.5, 0.1, 0.1, 2.5],
    [-np.inf, 0.0, np.inf],
    [np.nan, np.nan],
    [-0.0, 0.0],
    list(np.linspace(-300, 300, 200)),
]


def _apply_buckets() -> list[Case]:
    return [
        Case(_op("apply_buckets"), (type_, np.array(each, dtype)))
        for dtype in FLOATS
        for each in _EDGES
        for type_ in ([_column(dtype)] if len(each) != 4 else _shapes(dtype))
    ]


def _strings(op: Op, *constants: Any, words: Iterable[str] = (), ragged: bool = True) -> list[Case]:
    types = [_column("string"), _column("string", ragged=True)] if ragged else [_column("string")]
    return [Case(op, (type_, *constants), strings=tuple(words)) for type_ in types]


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
        for case in _strings(
            _op("apply_vocabulary", buckets, default),
            pa.array(words, pa.string()),
            words=words[:20],
            ragged=buckets > 1,
        )
    ]


def _tokenize() -> list[Case]:
    sets = [
        "A-Za-z0-9'",
        "a-z",
        "A-Z",
        "0-9.",
        "a-zA-Z_-",
        "$+*?(){}",
        "x",
        "-",
        ".",
        '"#/<>=`@:;%,!',
    ]
    return [
        case
        for characters in sets
        for lowercase in ((True, False) if "A-Z" in characters else (True,))
        for case in _strings(_op("tokenize", characters, lowercase), ragged=False)
    ]


def _pick() -> list[Case]:
    return [Case(_op("pick", place), (_column(dtype, 4),)) for dtype in NUMBERS for place in (0, 3)]


def _pick_several() -> list[Case]:
    return [
        Case(_op("pick_several", places), (_column(dtype, 4),))
        for dtype in NUMBERS
        for places in ((3,), (2, 0, 2, 1, 3))
    ]


def _one_hot_buckets() -> list[Case]:
    return [
        Case(_op("one_hot_buckets", depth), (_column(dtype), np.array(edges, dtype)))
        for dtype in (*FLOATS, "int64")
        for edges in _EDGES[1:]
        if dtype != "int64" or np.isfinite(edges).all()
        for depth in (len(edges) - 1, len(edges) + 1, len(edges) + 3)
        if depth
    ]


def _transpose() -> list[Case]:
    orders = [((4, 5, 3), (2, 0, 1)), ((3, 4, 5), (1, 2, 0)), ((2, 3), (1, 0)), ((3,), (0,)), ((), ())]
    return [
        Case(_op("transpose", axes), (_column(dtype, *shape),))
        for dtype in ("uint8", "int64", "float32", "bool")
        for shape, axes in orders
    ]


def _reshape() -> list[Case]:
    shapes = [((), (1,)), ((6,), (2, 3)), ((2, 3), (6,)), ((2, 3), (3, 1, 2)), ((1,), ()), ((1, 1), (1,))]
    return [
        Case(_op("reshape", after), (_column(dtype, *before),))
        for dtype in ("uint8", "int64", "float32", "bool")
        for before, after in shapes
    ]


def _concatenate() -> list[Case]:
    op = _op("concatenate")
    return [
        case
        for dtype in ("int64", "float32", "float64")
        for case in [
            Case(op, (_column(dtype),)),
            Case(op, (_column(dtype), _column(dtype, 3), _column(dtype, 1))),
            Case(op, tuple(_column(dtype) for _ in range(12))),
        ]
    ]


def _lists(op: Op, dtypes: Iterable[str], **options: Any) -> list[Case]:
    return [Case(op, (_column(dtype, ragged=True),), **options) for dtype in dtypes]


def _regex_replace() -> list[Case]:
    words = ("<br />", "a<b c>d<e", "<<>>", "1a22b333", "aab", "a" * 300, "\u2028", "a\\b")
    pairs = [
        ("<br />", " "),
        ("<[^>]*>", ""),
        (r"\d+", "#"),
        (r"[\s]{2,3}", "_"),
        ("a?b", "\\"),
        ("[aeiou]", "İ"),
        ("[é-ю日]", "?"),
        ("[!-/:-@]+", ""),
        ("a{2,}b", "b"),
        (r"\.", ","),
    ]
    return [
        case for pair in pairs for case in _strings(_op("regex_replace", *pair), words=words, ragged=False)
    ]


def _tokenize_regex() -> list[Case]:
    words = ("<br />", "#tag #Tag2 ##", "a,b,,c", "a\x0bb\x0cc", "aab", "日本 語")
    patterns = [r"\S+", r"[\s\S]", r"\w+", "#[a-z]+", "[^,]{1,3}", "[日本a]", "ab?", r"a\w", r"[^\s!-/]+"]
    return [
        case
        for pattern in patterns
        for case in _strings(_op("tokenize_regex", pattern), words=words, ragged=False)
    ]


def _substring() -> list[Case]:
    parts = [(0, 1), (0, 1000), (1, 1), (3, 2), (39, 3), (500, 500)]
    return [case for part in parts for case in _strings(_op("substring", *part), ragged=part == (3, 2))]


def _ngrams() -> list[Case]:
    few = [(1, 1, " "), (1, 2, " "), (2, 3, ""), (3, 3, "\U0001f600")]
    return [case for each in few for case in _lists(_op("ngrams", *each), ["string"])]


def _join_strings() -> list[Case]:
    text, texts = _column("string"), _column("string", ragged=True)
    inputs = [("", (text,)), ("_X_", (text, text)), ("é\n", (texts, texts, texts))]
    return [Case(_op("join_strings", separator), columns) for separator, columns in inputs]


def _isin() -> list[Case]:
    lists = {"int64": [0, -1, 2**53 + 1], "float32": [0.0, 0.5, np.nan], "uint8": [255], "float64": []}
    return [
        Case(_op("is_in"), (type_, np.array(values, dtype)))
        for dtype, values in lists.items()
        for type_ in _shapes(dtype)
    ]


def _lookup() -> list[Case]:
    tables = [np.array([0.5, -0.0, np.inf], np.float32), np.array([7.0]), np.array([], np.float32)]
    index = [*(_column(dtype) for dtype in INTEGERS[:7]), *_shapes("int64")]
    rows = [np.array([[1.0, 2.0], [3.0, 4.0]]), np.zeros((0, 3), np.float32)]
    return [
        *(Case(_op("lookup", -1.5), (type_, table)) for table in tables for type_ in index),
        *(Case(_op("lookup", -1.5), (_column("int64"), table)) for table in rows),
    ]


def _index_of() -> list[Case]:
    lists = [[], [7], [0, -1, 2**62, -(2**63), 3, 1], [5, 300, -300, 0, 2**31]]
    return [
        Case(_op("index_of"), (type_, np.array(numbers, np.int64)))
        for numbers in lists
        for type_ in [*(_column(dtype) for dtype in INTEGERS[:7]), *_shapes("int64")]
    ]


def _count_vector() -> list[Case]:
    counted = [Case(_op("count_vector", n), (each,)) for n in (1, 8, 300) for each in VECTORS]
    weighted = [(each, replace(each, dtype=dtype)) for each in VECTORS for dtype in ("float32", "int64")]
    return [*counted, *(Case(_op("count_vector", 8), pair) for pair in weighted)]


def _interpolate() -> list[Case]:
    edges = [[], [0.5], [-1.0, 0.1, 0.1, 2.5, 99.0], [0.0, 0.0], [-np.inf, 0.0, np.inf], [np.nan, np.nan]]
    return [
        Case(_op("interpolate"), (type_, np.array(each, dtype)))
        for dtype in FLOATS
        for each in edges
        for type_ in (_shapes(dtype) if len(each) == 5 else [_column(dtype)])
    ]


def _inverse_tukey() -> list[Case]:
    pairs = [(0.0, 0.5), (0.2, 0.0), (0.9, 1e-9)]
    constants = [tuple(np.float64(h) for h in pair) for pair in pairs]
    ulps = dict.fromkeys(TWO, 8)
    return [Case(_op("inverse_tukey"), (_column("float64"), *pair), ulps=ulps) for pair in constants]


def _resize() -> list[Case]:
    sizes = [
        ((4, 5), 2, -2),
        ((3, 4, 5), 3, -1),
        ((5, 1), 3, -1),
        ((2, 7), 5, -1),
        ((9, 2), 1, -2),
        ((3, 3), 3, -1),
    ]
    sizes += [((4, 5, 3), 3, -3), ((2, 3, 4, 2), 7, -3)]
    return [
        Case(_op("resize_axis", size, axis, *how), (_column("float32", *shape),))
        for shape, size, axis in sizes
        for how in ((True,), (False,), (False, True))
    ]


def _center_crop() -> list[Case]:
    shapes = [((4, 5), False), ((3, 4, 5), False), ((2, 1), False), ((4, 5, 3), True)]
    return [
        Case(_op("center_crop", 2, 1, last), (_column(dtype, *shape),))
        for dtype in ("uint8", "float32")
        for shape, last in shapes
    ]


PARTS = ["year", "month", "day", "weekday", "day_of_year", "hour", "minute", "second"]
VECTORS = [_column("int64", ragged=True), _column("int8", ragged=True), _column("int64"), _column("uint8", 3)]
TEXTS = ["", "a", "İ", "i̇", "a b", "\n", "\U0010ffff", "x" * 100_000]

CASES: dict[str, list[Case]] = {
    "abs": _unary(_op("abs"), ARITHMETIC),
    "as_string": [Case(_op("as_string"), (_column(t, ragged=r),)) for t in INTEGERS for r in (False, True)],
    "add": _binary("add", ARITHMETIC),
    "apply_buckets": _apply_buckets(),
    "apply_vocabulary": _apply_vocabulary(),
    "buckets_of_row": [
        Case(_op("buckets_of_row"), (_column(t), _column(t, n))) for t in FLOATS for n in (1, 4)
    ],
    "cast": _cast(),
    "ceil": _unary(_op("ceil"), FLOATS),
    "center_crop": _center_crop(),
    "concatenate": _concatenate(),
    "count_vector": _count_vector(),
    "date_part": [
        Case(_op("date_part", part), (_shapes("int64")[place % 3],)) for place, part in enumerate(PARTS)
    ],
    "deduplicate_per_row": _lists(_op("deduplicate_per_row"), ["string", *INTEGERS[:7]]),
    "divide": _binary("divide", FLOATS),
    "equal": _binary("equal", ["bool", *ARITHMETIC]),
    "equal_string": [case for text in TEXTS for case in _strings(_op("equal_string", text), words=[text])],
    "exp": _unary(_op("exp"), FLOATS, ulps=TWO),
    "fill_missing": _fill_missing(),
    "fill_missing_string": [case for text in TEXTS for case in _strings(_op("fill_missing_string", text))],
    "floor": _unary(_op("floor"), FLOATS),
    "floor_divide": _binary("floor_divide", ARITHMETIC),
    "grayscale": [Case(_op("grayscale"), (_column("float32", 3, 2, 1),))],
    "index_of": _index_of(),
    "hash_strings": [
        case
        for n, seed in [(1, 0), (2, 0), (7, 1), (2**31 - 1, 0), (2**31 - 1, 2**31 - 1)]
        for case in _strings(_op("hash_strings", n, seed))
    ],
    "interpolate": _interpolate(),
    "inverse_tukey": _inverse_tukey(),
    "is_in": _isin(),
    "is_missing": _unary(_op("is_missing"), FLOATS),
    "join_lists": [
        Case(_op("join_lists"), (_column(dtype, ragged=True),) * n)
        for dtype, n in [("string", 2), ("int64", 1), ("float32", 3), ("bool", 2)]
    ],
    "join_strings": _join_strings(),
    "less": _binary("less", ARITHMETIC),
    "less_equal": _binary("less_equal", ARITHMETIC),
    "log": _unary(_op("log"), FLOATS, ulps=TWO),
    "log1p": _unary(_op("log1p"), FLOATS, ulps=TWO),
    "logical_and": _binary_logic("logical_and"),
    "logical_not": _unary(_op("logical_not"), ["bool"]),
    "logical_or": _binary_logic("logical_or"),
    "logical_xor": _binary_logic("logical_xor"),
    "lookup": _lookup(),
    "lower": _strings(_op("lower")),
    "maximum": _binary("maximum", ARITHMETIC),
    "minimum": _binary("minimum", ARITHMETIC),
    "multiply": _binary("multiply", ARITHMETIC),
    "ngrams": _ngrams(),
    "one_hot": [
        *(Case(_op("one_hot", n), (_column(dtype),)) for n in (1, 3, 300) for dtype in INTEGERS),
        *(Case(_op("one_hot", 4), (_column("int64", *shape),)) for shape in [(1,), (3,), (2, 2)]),
    ],
    "one_hot_buckets": _one_hot_buckets(),
    "pick": _pick(),
    "pick_several": _pick_several(),
    "power": _binary("power", FLOATS, ulps=TWO),
    "regex_replace": _regex_replace(),
    "remainder": _binary("remainder", ARITHMETIC),
    "reshape": _reshape(),
    "segment_indices": _lists(_op("segment_indices"), INTEGERS[:7]),
    "sign": _unary(_op("sign"), ARITHMETIC),
    "sqrt": _unary(_op("sqrt"), FLOATS, ulps={"torch": 1}),
    "resize_axis": _resize(),
    "round": _unary(_op("round"), FLOATS),
    "row_length": _lists(_op("row_length"), ["string", "int64", "bool"]),
    "string_at": [
        Case(_op("string_at", "İ"), (_column(dtype, ragged=ragged), pa.array(words, pa.string())))
        for dtype in INTEGERS[:7]
        for ragged in (False, True)
        for words in ([], ["", "a", "\U0010ffff b\n", "x" * 1000])
    ],
    "string_length": _strings(_op("string_length")),
    "substring": _substring(),
    "subtract": _binary("subtract", ARITHMETIC),
    "term_frequency": _lists(_op("term_frequency"), ["string", "int64", "int8"]),
    "to_dense": [
        Case(_op("to_dense", n, -1.0 if "float" in t else 7), (_column(t, ragged=True),))
        for n in (1, 3, 9)
        for t in ("int64", "uint8", "float32")
    ],
    "to_lists": [
        *(Case(_op("to_lists"), (_column("int64", *shape),)) for shape in [(), (1,), (3,), (2, 2)]),
        *(Case(_op("to_lists"), (_column(dtype),)) for dtype in ("string", "bool", "float32", "uint8")),
    ],
    "tokenize": _tokenize(),
    "tokenize_regex": _tokenize_regex(),
    "upper": _strings(_op("upper")),
    "transpose": _transpose(),
    "where": _where(),
}
