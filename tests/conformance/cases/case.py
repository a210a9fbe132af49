"""A case of an op, and the parts that cases of several families are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import FIRST_MICROSECOND, LAST_MICROSECOND, MISSING_DATE, TIMESTAMP, ColumnType
from headrace.transform.graph.op import Op

__all__ = ["FLOATS", "INTEGERS", "Case", "column", "make_op", "shapes", "specials", "strings_of"]

INTEGERS = [f"{u}int{bits}" for u in ("", "u") for bits in (8, 16, 32, 64)]
FLOATS = ["float32", "float64"]


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
    if isinstance(value, pa.Array):
        return f"constant string[{len(value)}]"
    return f"constant {value.dtype}{list(value.shape)}"


def specials(dtype: str) -> np.ndarray:
    """Return the values on which implementations of a type of number are likely to differ."""
    if dtype == "bool":
        return np.array([False, True])
    if dtype in FLOATS:
        return _special_floats(np.dtype(dtype))
    if dtype == TIMESTAMP:
        return _special_dates()
    info = np.iinfo(dtype)
    wanted = [0, 1, 2, 3, 7, 2**24 + 1, 2**31, 2**53 + 1, info.max - 1, info.max]
    return np.array([each for n in wanted for each in {n, -n - 1} if info.min <= each <= info.max], dtype)


def _special_dates() -> np.ndarray:
    """Return the first and last moments of days at the ends of years, months and ISO weeks; missing dates."""
    years = [1, 4, 100, 400, 1582, 1600, 1899, 1900, 1969, 1970, 1999, 2000, 2015, 2020, 2024, 2100, 9999]
    days = ("01-01", "01-03", "02-28", "03-01", "12-28", "12-31")
    starts = np.array([f"{year:04d}-{day}" for year in years for day in days], "datetime64[us]").view(
        np.int64
    )
    ends = [FIRST_MICROSECOND - 1, LAST_MICROSECOND, LAST_MICROSECOND + 1, MISSING_DATE, 2**63 - 1, -1, 0, 1]
    return np.concatenate([ends, starts, starts + 86_400_000_000 - 1])


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


def column(dtype: str, *shape: int, ragged: bool = False) -> ColumnType:
    return ColumnType(dtype, shape, ragged)


def make_op(name: str, *parameters: Any) -> Op:
    make: Callable[..., Op] = Op.registry[name]
    return make(*parameters)


def shapes(dtype: str) -> list[ColumnType]:
    return [column(dtype), column(dtype, 2, 3), column(dtype, ragged=True)]


EDGES = [
    [],
    [0.0],
    [-1.5, 0.1, 0.1, 2.5],
    [-np.inf, 0.0, np.inf],
    [np.nan, np.nan],
    [-0.0, 0.0],
    list(np.linspace(-300, 300, 200)),
]


def strings_of(op: Op, *constants: Any, words: Iterable[str] = (), ragged: bool = True) -> list[Case]:
    types = [column("string"), column("string", ragged=True)] if ragged else [column("string")]
    return [Case(op, (type_, *constants), strings=tuple(words)) for type_ in types]
