"""Promote the dtypes of columns, statistics and plain numbers.

Of the categories boolean, integer and float, the highest among the operands wins. Within it, per-row columns
take precedence over statistics and plain numbers, which take the type of the column that they are combined
with. Two columns of integers, or of floats, are promoted as in torch.

Integers combined with floats keep their digits: those of 32 and 64 bits become float64, narrower ones float32
unless a column of float64 takes part. A statistic of integers, such as their maximum, is an exact integer in
comparisons and choices, and a float in arithmetic: a difference of int64 may not fit int64.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.graph import Node

__all__ = ["common_dtype", "float_dtype", "holds_64_bits"]


def _category(dtype: str) -> int:
    return 2 if dtype.startswith("float") else 0 if dtype == "bool" else 1


def float_dtype(type_: ColumnType) -> str:
    """Return the float dtype of a column's values in arithmetic with floats: it holds integers of 32 bits."""
    if type_.is_float:
        return type_.dtype
    return "float64" if type_.is_integer and np.dtype(type_.dtype).itemsize >= 4 else "float32"


def holds_64_bits(type_: ColumnType) -> bool:
    """Return whether a column's values are integers that float64 may round."""
    return type_.dtype in ("int64", "uint64")


def common_dtype(nodes: Sequence[Node], *, arithmetic: bool = False, true_division: bool = False) -> str:
    """Return the common dtype of nodes; see the module docstring.

    Args:
        nodes: The operands.
        arithmetic: Statistics of integers count as floats.
        true_division: The result is a float in any case.

    Raises:
        TraceError: A uint64 column is combined with a signed integer column.
    """
    operands = tuple(_Operand(node.type, node.per_row, isinstance(node.what, Analyzer)) for node in nodes)
    return _promote(operands, arithmetic, true_division)


class _Operand(NamedTuple):
    type: ColumnType
    per_row: bool
    is_statistic: bool


@lru_cache(4096)
def _promote(operands: tuple[_Operand, ...], arithmetic: bool, true_division: bool) -> str:
    has_statistics = any(each.is_statistic for each in operands)
    if true_division or (arithmetic and has_statistics):
        highest = 2
    else:
        highest = max(_category(each.type.dtype) for each in operands)
    if highest == 2:
        return _common_float(operands)
    in_highest = [each for each in operands if _category(each.type.dtype) == highest]
    leading = [each for each in in_highest if each.per_row or each.is_statistic]
    dtype = str(np.result_type(*(each.type.dtype for each in leading or in_highest)))
    if dtype.startswith("float"):  # NumPy promotes uint64 with a signed type to float64
        types = " and ".join(str(each.type) for each in leading or in_highest)
        raise TraceError(f"{types} have no common integer type", hint="cast one of them")
    return dtype


def _common_float(operands: Sequence[_Operand]) -> str:
    rows = [float_dtype(each.type) for each in operands if each.per_row]
    if rows:
        return str(np.result_type(*rows))
    floats = [each.type.dtype for each in operands if each.type.is_float]
    return str(np.result_type(*floats)) if floats else "float64"
