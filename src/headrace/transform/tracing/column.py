"""Symbolic columns: what a preprocessing function works on while it is traced into a graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import import_module
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.analyzer import Analyzer
from headrace.transform.graph.composite import current_call
from headrace.transform.graph.graph import Constant, Node
from headrace.transform.graph.op import Op
from headrace.transform.tracing.promotion import check_fits, common_dtype
from headrace.transform.tracing.source_line import user_line

__all__ = ["Column", "align", "apply", "as_floats", "cast_to", "constant", "promote", "strings"]

Number = float | int | bool


class Column:
    """A column of a batch that is not there yet. Arithmetic and comparisons on it become nodes of the graph.

    Types follow torch: an integer with a float gives the float's type, dividing integers gives float32, and
    numbers and statistics take the type of the column they meet; float16 is read as float32. Rows of
    different shapes meet as NumPy arrays of those shapes do.
    """

    def __init__(self, node: Node) -> None:
        self.node = node

    @property
    def type(self) -> ColumnType:
        """What one row holds."""
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

    def __hash__(self) -> int:
        _refuse("looking up", "use hr.transform.isin or lookup")

    def __bool__(self) -> bool:
        _refuse("branching on", "use hr.transform.where for if, and &, | and ~ for and, or and not")

    def __iter__(self) -> Iterator[Any]:
        _refuse("looping over", "use functions of whole columns")

    def __contains__(self, _: object) -> bool:
        _refuse("searching", "use == or hr.transform.isin")

    def __getitem__(self, _: object) -> NoReturn:
        _refuse("taking a part of", "use hr.transform.substring for text, center_crop for images")

    def __len__(self) -> int:
        _refuse("taking the length of", "use hr.transform.row_length, string_length or size")

    def __round__(self, _: int | None = None) -> NoReturn:
        _refuse("rounding", "use hr.transform.round")

    def __format__(self, spec: str) -> str:
        return _refuse("formatting", "use hr.transform.as_string") if spec else str(self)

    def __getattr__(self, name: str) -> NoReturn:
        """Said of methods that a column does not have; no `TraceError`, as Python asks for some by itself."""
        hint = f"use hr.transform.{name}" if name in _functions() else "use functions of hr.transform"
        raise AttributeError(f"a column has no '{name}'; {hint}")

    def __array__(self, *_: object, **__: object) -> NoReturn:
        _refuse("calling NumPy on", "use functions of hr.transform")

    def __array_function__(self, function: Callable[..., Any], *_: object) -> NoReturn:
        _refuse_call("numpy", function.__name__)

    @classmethod
    def __torch_function__(cls, function: Callable[..., Any], *_: object) -> NoReturn:
        _refuse_call("torch", function.__name__)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Column:
        """NumPy's own numbers and arrays may stand left of an operator; NumPy's other functions refuse."""
        name = ufunc.__name__
        if method != "__call__" or options or name not in _OPERATORS:
            _refuse_call("numpy", name)
        return _OPERATORS[name](*inputs)

    def __float__(self) -> float:
        _refuse("taking the number of", "use hr.transform.cast, or functions of whole columns")

    def __int__(self) -> int:
        _refuse("taking the number of", "use hr.transform.cast, or functions of whole columns")

    def __index__(self) -> int:
        _refuse("taking the number of", "use hr.transform.lookup, or functions of whole columns")


def _refuse(what: str, hint: str) -> NoReturn:
    raise TraceError(
        f"{what} a column asks for its values, which are not there while the function is traced",
        hint=hint,
    )


def _refuse_call(library: str, name: str) -> NoReturn:
    known = name in _functions()
    _refuse(f"calling {library}.{name} on", f"use hr.transform.{name if known else 'where and the like'}")


def _functions() -> list[str]:
    """What the user may call instead."""
    return import_module("headrace.transform").__all__


def apply(what: Op | Analyzer, *columns: Column) -> Column:
    """A column that is `what` done to `columns`.

    Raises:
        TraceError: The op or analyzer cannot take these columns, or the op has no ONNX form.
    """
    for column in columns:
        if not isinstance(column, Column):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TraceError(
                f"{what.name} takes columns, and a {type(column).__name__} came in",
                hint="pass inputs['name']",
            )
    if isinstance(what, Op) and type(what).lower is Op.lower:
        hint = f"write {type(what).__name__}.lower, or compute it before or after the transform"
        raise TraceError(f"{what.name} has no ONNX form, so no model could compute it", hint=hint)
    type_ = what.infer(*(column.type for column in columns))
    nodes = tuple(column.node for column in columns)
    if isinstance(what, Analyzer) and not nodes[0].per_row:
        raise TraceError(f"{what.name} of {nodes[0]}, which is the same for every row", hint="give a column")
    return Column(_new_node(what, nodes, type_, isinstance(what, Op) and any(each.per_row for each in nodes)))


def constant(value: Any) -> Column:
    """A number or array of numbers, the same for every row, as a column.

    Raises:
        TraceError: The value is something else.
    """
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise TraceError(f"{value!r} is neither a column nor a number", hint="pass one of the two")
    return Column(_new_node(Constant(array), (), ColumnType(str(array.dtype), array.shape), per_row=False))


def strings(values: Iterable[str]) -> Column:
    """Strings, the same for every row, as a column: a vocabulary written in the function.

    Raises:
        TraceError: One of the values is no string.
    """
    words = list(values)
    if not all(isinstance(each, str) for each in words):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TraceError(f"{words!r:.100} are not all strings", hint="pass strings")
    value = Constant(pa.array(words, pa.string()))
    return Column(_new_node(value, (), ColumnType("string", ragged=True), per_row=False))


def _new_node(
    what: Op | Analyzer | Constant, inputs: tuple[Node, ...], type_: ColumnType, per_row: bool
) -> Node:
    return Node(what, inputs, type_, per_row, user_line(), current_call())


def cast_to(column: Column, dtype: str) -> Column:
    """The column in another type of number; itself if it has that type."""
    return column if column.type.dtype == dtype else apply(_op("cast", dtype), column)


def as_floats(column: Column, dtype: str = "float32") -> Column:
    """Integers and booleans as `dtype`; anything else as it is, for an op to take or refuse."""
    if not isinstance(column, Column) or column.type.is_float or column.type.is_string:  # pyright: ignore[reportUnnecessaryIsInstance]
        return column
    return cast_to(column, dtype)


def promote(
    first: Column | Number, second: Column | Number, *, true_division: bool = False
) -> tuple[Column, Column]:
    """Both as columns of one common type, by torch's rules (see `Column`)."""
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
    """The columns with equally many dimensions in a row, new ones of size 1 in front: rows meet rows.

    Raises:
        TraceError: One has a list of values in a row, where another has a single value a row of its own.
    """
    rows = [column for column in columns if column.node.per_row]
    if len({column.type.ragged for column in rows}) > 1:
        types = " and ".join(str(column.type) for column in rows)
        raise TraceError(f"columns of {types}", hint="lists meet lists or constants")
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
