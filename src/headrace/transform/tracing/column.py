"""Symbolic columns: the arguments and results of a preprocessing function while it is traced."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.arguments import check_unicode
from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.source_line import user_line
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.composite import current_call
from headrace.transform.graph.graph import Constant, Node
from headrace.transform.graph.infer_type import infer_type
from headrace.transform.graph.op import Op
from headrace.transform.graph.parameters import check_fields
from headrace.transform.tracing.promotion import float_dtype
from headrace.transform.tracing.symbolic_value import SymbolicValue, refuse_call

__all__ = [
    "Column",
    "apply",
    "as_floats",
    "cast_to",
    "constant",
    "constant_values",
    "make_op",
    "operators",
    "strings",
]

Number = float | int | bool


class Column(SymbolicValue):
    """A symbolic column of a batch. Arithmetic and comparisons on it add nodes to the graph.

    Two columns of integers, or of floats, are promoted as in torch; numbers and statistics take the type of
    the column that they are combined with. Integers keep their digits: with a float, a statistic, or in a
    quotient, those of 32 and 64 bits become float64, narrower ones float32. A comparison with a constant, or
    of integers with a statistic, is that of the exact numbers: `x == 1.5` is never true for integers. float16
    is read as float32. Rows of different shapes broadcast as by NumPy.
    """

    def __init__(self, node: Node) -> None:
        self.node = node

    @property
    def type(self) -> ColumnType:
        """The type of one row."""
        return self.node.type

    def __repr__(self) -> str:
        return f"<{self.type} column {self.node}>"

    def __add__(self, other: Column | Number) -> Column:
        return _operate("add", self, other)

    def __radd__(self, other: Number) -> Column:
        return _operate("add", other, self)

    def __sub__(self, other: Column | Number) -> Column:
        return _operate("subtract", self, other)

    def __rsub__(self, other: Number) -> Column:
        return _operate("subtract", other, self)

    def __mul__(self, other: Column | Number) -> Column:
        return _operate("multiply", self, other)

    def __rmul__(self, other: Number) -> Column:
        return _operate("multiply", other, self)

    def __truediv__(self, other: Column | Number) -> Column:
        return _operate("divide", self, other)

    def __rtruediv__(self, other: Number) -> Column:
        return _operate("divide", other, self)

    def __floordiv__(self, other: Column | Number) -> Column:
        return _operate("floor_divide", self, other)

    def __rfloordiv__(self, other: Number) -> Column:
        return _operate("floor_divide", other, self)

    def __mod__(self, other: Column | Number) -> Column:
        return _operate("remainder", self, other)

    def __rmod__(self, other: Number) -> Column:
        return _operate("remainder", other, self)

    def __pow__(self, other: Column | Number) -> Column:
        return _operate("power", self, other)

    def __rpow__(self, other: Number) -> Column:
        return _operate("power", other, self)

    def __and__(self, other: Column | bool) -> Column:
        return _operate("bitwise_and", self, other)

    def __rand__(self, other: bool) -> Column:
        return _operate("bitwise_and", other, self)

    def __or__(self, other: Column | bool) -> Column:
        return _operate("bitwise_or", self, other)

    def __ror__(self, other: bool) -> Column:
        return _operate("bitwise_or", other, self)

    def __xor__(self, other: Column | bool) -> Column:
        return _operate("bitwise_xor", self, other)

    def __rxor__(self, other: bool) -> Column:
        return _operate("bitwise_xor", other, self)

    def __invert__(self) -> Column:
        return apply(make_op("logical_not"), self)

    def __abs__(self) -> Column:
        return apply(make_op("abs"), self)

    def __neg__(self) -> Column:
        return _operate("multiply", self, -1)

    def __lt__(self, other: Column | Number) -> Column:
        return _operate("less", self, other)

    def __le__(self, other: Column | Number) -> Column:
        return _operate("less_equal", self, other)

    def __gt__(self, other: Column | Number) -> Column:
        return _operate("greater", self, other)

    def __ge__(self, other: Column | Number) -> Column:
        return _operate("greater_equal", self, other)

    def __eq__(self, other: Column | Number | str) -> Column:  # type: ignore[override]
        if isinstance(other, str):
            return apply(make_op("equal_string", other), self)
        return _operate("equal", self, other)

    def __ne__(self, other: Column | Number | str) -> Column:  # type: ignore[override]
        return (self == other) == False  # noqa: E712 - "not", as a column

    __hash__ = SymbolicValue.__hash__

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Column:
        """Accept NumPy numbers and arrays left of an operator; refuse the other functions of NumPy."""
        name = ufunc.__name__
        if method != "__call__" or options or name not in operators:
            refuse_call("numpy", name)
        return _operate(name, *inputs)


operators: dict[str, Callable[[Any, Any], Column]] = {}  # by the name in NumPy; `operators.py` fills it


def _operate(name: str, first: Column | Number, second: Column | Number) -> Column:
    return operators[name](first, second)


def apply(what: Op | Analyzer, *columns: Column) -> Column:
    """Create the column that results from applying an op or analyzer to columns.

    Raises:
        TraceError: The op or analyzer cannot take these columns, or the op has no ONNX lowering.
        UsageError: A parameter has another type than its annotation says.
    """
    what = check_fields(what)
    for column in columns:
        if not isinstance(column, Column):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TraceError(
                f"{what.name} expects a column, got a {type(column).__name__}",
                hint="pass inputs['name']",
            )
    if isinstance(what, Op) and type(what).lower is Op.lower:
        hint = f"implement {type(what).__name__}.lower, or compute it before or after the transform"
        raise TraceError(f"{what.name} has no ONNX lowering, so it cannot be exported", hint=hint)
    type_ = infer_type(what, *(column.type for column in columns))
    nodes = tuple(column.node for column in columns)
    if isinstance(what, Analyzer) and not nodes[0].per_row:
        raise TraceError(
            f"{what.name} expects a column, got {nodes[0]}, which is the same for every row",
            hint="give a column",
        )
    return Column(_new_node(what, nodes, type_, isinstance(what, Op) and any(each.per_row for each in nodes)))


def constant(value: Any) -> Column:
    """Create a column from a number or an array of numbers that is the same for every row.

    Raises:
        TraceError: The value is not numeric.
    """
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise TraceError(f"expected a column or a number, got {value!r}", hint="pass one of the two")
    return Column(_new_node(Constant(array), (), _array_type(array.dtype, array.shape), per_row=False))


@lru_cache(1024)
def _array_type(dtype: np.dtype[Any], shape: tuple[int, ...]) -> ColumnType:
    return ColumnType(str(dtype), shape)


def strings(values: Iterable[str]) -> Column:
    """Create a column from strings that are the same for every row, such as a vocabulary in the function.

    Raises:
        TraceError: A value is not a string.
    """
    words = [values] if isinstance(values, str) else list(values)
    if isinstance(values, str) or not all(isinstance(each, str) for each in words):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TraceError(f"expected strings, got {words!r:.100}", hint="pass a list of strings")
    for word in words:
        check_unicode(word, "strings")
    value = Constant(pa.array(words, pa.string()))
    return Column(_new_node(value, (), ColumnType("string", ragged=True), per_row=False))


def _new_node(
    what: Op | Analyzer | Constant, inputs: tuple[Node, ...], type_: ColumnType, per_row: bool
) -> Node:
    return Node(what, inputs, type_, per_row, user_line(), current_call())


def cast_to(column: Column, dtype: str) -> Column:
    """Cast a column to another numeric dtype; return the column itself if it has that dtype."""
    return column if column.type.dtype == dtype else apply(make_op("cast", dtype), column)


def as_floats(column: Column, dtype: str | None = None) -> Column:
    """Cast integers and booleans to floats; return any other value unchanged, for the op to check.

    Args:
        column: A column.
        dtype: The type to cast to; None means float64 for integers of 32 and 64 bits, and else float32.
    """
    if not isinstance(column, Column) or column.type.is_float or column.type.is_string:  # pyright: ignore[reportUnnecessaryIsInstance]
        return column
    return cast_to(column, dtype or float_dtype(column.type))


def make_op(name: str, *parameters: Any) -> Op:
    """Create an op by its name: the modules of ops import this one."""
    make: Callable[..., Op] = Op.registry[name]
    return make(*parameters)


def constant_values(column: Column) -> np.ndarray | None:
    """Return the numbers of a constant of the function itself; None for any other column."""
    what = column.node.what
    if not isinstance(what, Constant) or what.statistic is not None:
        return None
    return what.value if isinstance(what.value, np.ndarray) else None
