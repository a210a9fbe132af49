"""Symbolic columns: the arguments and results of a preprocessing function while it is traced."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.composite import current_call
from headrace.transform.graph.graph import Constant, Node
from headrace.transform.graph.op import Op
from headrace.transform.graph.parameters import check_fields
from headrace.transform.tracing.promotion import check_fits, common_dtype
from headrace.transform.tracing.source_line import user_line
from headrace.transform.tracing.symbolic_value import SymbolicValue, refuse_call

__all__ = ["Column", "align", "apply", "as_floats", "cast_to", "constant", "promote", "strings"]

Number = float | int | bool


class Column(SymbolicValue):
    """A symbolic column of a batch. Arithmetic and comparisons on it add nodes to the graph.

    Types are promoted as in torch: an integer and a float become the float's type, a quotient of integers is
    float32, and numbers and statistics take the type of the column that they are combined with; float16 is
    read as float32. Rows of different shapes broadcast as by NumPy.
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
        return _arithmetic("add", self, other)

    def __radd__(self, other: Number) -> Column:
        return _arithmetic("add", other, self)

    def __sub__(self, other: Column | Number) -> Column:
        return _arithmetic("subtract", self, other)

    def __rsub__(self, other: Number) -> Column:
        return _arithmetic("subtract", other, self)

    def __mul__(self, other: Column | Number) -> Column:
        return _arithmetic("multiply", self, other)

    def __rmul__(self, other: Number) -> Column:
        return _arithmetic("multiply", other, self)

    def __truediv__(self, other: Column | Number) -> Column:
        return _arithmetic("divide", self, other)

    def __rtruediv__(self, other: Number) -> Column:
        return _arithmetic("divide", other, self)

    def __floordiv__(self, other: Column | Number) -> Column:
        return _arithmetic("floor_divide", self, other)

    def __rfloordiv__(self, other: Number) -> Column:
        return _arithmetic("floor_divide", other, self)

    def __mod__(self, other: Column | Number) -> Column:
        return _arithmetic("remainder", self, other)

    def __rmod__(self, other: Number) -> Column:
        return _arithmetic("remainder", other, self)

    def __pow__(self, other: Column | Number) -> Column:
        return _arithmetic("power", self, other)

    def __rpow__(self, other: Number) -> Column:
        return _arithmetic("power", other, self)

    def __and__(self, other: Column | bool) -> Column:
        return _arithmetic("logical_and", self, other)

    def __rand__(self, other: bool) -> Column:
        return _arithmetic("logical_and", other, self)

    def __or__(self, other: Column | bool) -> Column:
        return _arithmetic("logical_or", self, other)

    def __ror__(self, other: bool) -> Column:
        return _arithmetic("logical_or", other, self)

    def __xor__(self, other: Column | bool) -> Column:
        return _arithmetic("logical_xor", self, other)

    def __rxor__(self, other: bool) -> Column:
        return _arithmetic("logical_xor", other, self)

    def __invert__(self) -> Column:
        return apply(_op("logical_not"), self)

    def __abs__(self) -> Column:
        return apply(_op("abs"), self)

    def __neg__(self) -> Column:
        return _arithmetic("multiply", self, -1)

    def __lt__(self, other: Column | Number) -> Column:
        return _arithmetic("less", self, other)

    def __le__(self, other: Column | Number) -> Column:
        return _arithmetic("less_equal", self, other)

    def __gt__(self, other: Column | Number) -> Column:
        return _arithmetic("less", other, self)

    def __ge__(self, other: Column | Number) -> Column:
        return _arithmetic("less_equal", other, self)

    def __eq__(self, other: Column | Number | str) -> Column:  # type: ignore[override]
        if isinstance(other, str):
            return apply(_op("equal_string", other), self)
        return _arithmetic("equal", self, other)

    def __ne__(self, other: Column | Number | str) -> Column:  # type: ignore[override]
        return (self == other) == False  # noqa: E712 - "not", as a column

    __hash__ = SymbolicValue.__hash__

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Column:
        """Accept NumPy numbers and arrays left of an operator; refuse the other functions of NumPy."""
        name = ufunc.__name__
        if method != "__call__" or options or name not in _OPERATORS:
            refuse_call("numpy", name)
        return _OPERATORS[name](*inputs)


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
    type_ = what.infer(*(column.type for column in columns))
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
    return Column(_new_node(Constant(array), (), ColumnType(str(array.dtype), array.shape), per_row=False))


def strings(values: Iterable[str]) -> Column:
    """Create a column from strings that are the same for every row, such as a vocabulary in the function.

    Raises:
        TraceError: A value is not a string.
    """
    words = [values] if isinstance(values, str) else list(values)
    if isinstance(values, str) or not all(isinstance(each, str) for each in words):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TraceError(f"expected strings, got {words!r:.100}", hint="pass a list of strings")
    value = Constant(pa.array(words, pa.string()))
    return Column(_new_node(value, (), ColumnType("string", ragged=True), per_row=False))


def _new_node(
    what: Op | Analyzer | Constant, inputs: tuple[Node, ...], type_: ColumnType, per_row: bool
) -> Node:
    return Node(what, inputs, type_, per_row, user_line(), current_call())


def cast_to(column: Column, dtype: str) -> Column:
    """Cast a column to another numeric dtype; return the column itself if it has that dtype."""
    return column if column.type.dtype == dtype else apply(_op("cast", dtype), column)


def as_floats(column: Column, dtype: str = "float32") -> Column:
    """Cast integers and booleans to `dtype`; return any other value unchanged, for the op to check."""
    if not isinstance(column, Column) or column.type.is_float or column.type.is_string:  # pyright: ignore[reportUnnecessaryIsInstance]
        return column
    return cast_to(column, dtype)


def promote(
    first: Column | Number, second: Column | Number, *, true_division: bool = False
) -> tuple[Column, Column]:
    """Convert both operands to columns of one common type, by torch's rules (see `Column`)."""
    columns = [each if isinstance(each, Column) else constant(each) for each in (first, second)]
    if any(column.type.is_string for column in columns):
        return columns[0], columns[1]
    dtype = common_dtype([column.node for column in columns])
    if true_division and not dtype.startswith("float"):
        dtype = "float32"
    for column in columns:
        check_fits(column.node, dtype)
    return cast_to(columns[0], dtype), cast_to(columns[1], dtype)


def align(*columns: Column) -> tuple[Column, ...]:
    """Give all columns the same number of dimensions per row, by leading dimensions of size 1.

    Raises:
        TraceError: Some per-row columns are ragged and others are not.
    """
    rows = [column for column in columns if column.node.per_row]
    if len({column.type.ragged for column in rows}) > 1:
        types = " and ".join(str(column.type) for column in rows)
        raise TraceError(f"cannot combine columns of {types}", hint="combine lists with lists or constants")
    rank = max(len(column.type.shape) for column in columns)
    return tuple(_with_rank(column, rank) for column in columns)


def _with_rank(column: Column, rank: int) -> Column:
    missing = rank - len(column.type.shape)
    if not missing or not column.node.per_row or column.type.ragged or column.type.is_string:
        return column
    return apply(_op("reshape", (1,) * missing + column.type.shape), column)


def _arithmetic(name: str, first: Column | Number, second: Column | Number) -> Column:
    columns = promote(first, second, true_division=name in ("divide", "power"))
    return apply(_op(name), *align(*columns))


def _op(name: str, *parameters: Any) -> Op:
    make: Callable[..., Op] = Op.registry[name]
    return make(*parameters)


_OPERATORS: dict[str, Callable[[Any, Any], Column]] = {
    "add": partial(_arithmetic, "add"),
    "subtract": partial(_arithmetic, "subtract"),
    "multiply": partial(_arithmetic, "multiply"),
    "divide": partial(_arithmetic, "divide"),
    "floor_divide": partial(_arithmetic, "floor_divide"),
    "remainder": partial(_arithmetic, "remainder"),
    "power": partial(_arithmetic, "power"),
    "bitwise_and": partial(_arithmetic, "logical_and"),
    "bitwise_or": partial(_arithmetic, "logical_or"),
    "bitwise_xor": partial(_arithmetic, "logical_xor"),
    "less": partial(_arithmetic, "less"),
    "less_equal": partial(_arithmetic, "less_equal"),
    "greater": lambda first, second: _arithmetic("less", second, first),
    "greater_equal": lambda first, second: _arithmetic("less_equal", second, first),
    "equal": partial(_arithmetic, "equal"),
    "not_equal": lambda first, second: _arithmetic("equal", first, second) == False,  # noqa: E712
}
