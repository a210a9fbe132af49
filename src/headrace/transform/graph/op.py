"""Ops: one small frozen class each, with its type rule, its evaluation and its ONNX lowering."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, ClassVar

import array_api_compat
import numpy as np

from headrace.columns import ANY_SIZE, ColumnType, Ragged
from headrace.errors import SchemaError, TraceError

__all__ = ["ElementwiseOp", "Op", "broadcast", "namespace"]

_ANY = 2**26 + 1  # stands for a size that differs by row: rows have fewer values


class Op(ABC):
    """A row-wise operation on columns. A subclass is a frozen dataclass; its fields are the op's parameters.

    Every subclass registers itself under `name`, the class's name in snake case.

    Attributes:
        arity: The smallest and the largest number of inputs (None: any number); None: not checked.
        per_string: Whether the first input is strings and each value depends on one string alone.
            Dictionary-encoded input is then evaluated once per distinct string.
        takes_dates: Whether inputs may be dates: int64 microseconds, see `headrace.columns.dates`. A missing
            date is a value outside the years 1 to 9999.
        encoding: What the op decodes, such as "image", from the bytes of an input column; None for all other
            ops. In ONNX, the column is fed decoded.
        handles_missing: Whether it fills in missing values of its first input, or tests for them.
        takes_any_size: Whether it takes rows whose shapes differ: images of any size.
    """

    name: ClassVar[str]
    registry: ClassVar[dict[str, type[Op]]] = {}
    arity: ClassVar[tuple[int, int | None] | None] = None
    per_string: ClassVar[bool] = False
    takes_dates: ClassVar[bool] = False
    encoding: ClassVar[str | None] = None
    handles_missing: ClassVar[bool] = False
    takes_any_size: ClassVar[bool] = False

    def __init_subclass__(cls, abstract: bool = False) -> None:
        if abstract:
            return
        cls.name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        known = Op.registry.setdefault(cls.name, cls)
        if known.__qualname__ != cls.__qualname__ or known.__module__ != cls.__module__:
            raise TypeError(f"two ops are named '{cls.name}': {known.__module__} and {cls.__module__}")

    @abstractmethod
    def infer(self, *types: ColumnType) -> ColumnType:
        """Return the type of the result.

        Raises:
            TraceError: The op does not accept inputs of these types.
        """

    @abstractmethod
    def evaluate(self, *values: Any) -> Any:
        """Compute the value for one batch; values are NumPy arrays, Arrow string arrays and `Ragged`."""

    def byte_table(self) -> np.ndarray | None:
        """Return the op's effect on each byte of a string, or None if the op is not a map of bytes.

        See `headrace.transform.ops.strings.byte_table`. Consecutive maps of bytes are evaluated in one pass.
        """
        return None

    def lower(self, *values: Any) -> Any:
        """Compute the value symbolically; values are `ndonnx.Array` and `Ragged`, constants as in `evaluate`.

        An op that does not override this method is refused when a function that uses it is traced.
        """
        raise NotImplementedError(f"{self.name} has no ONNX lowering")


class ElementwiseOp(Op, abstract=True):
    """An op written once against the Array API standard, whose body runs on NumPy, torch and ndonnx arrays.

    Attributes:
        pointwise: Whether each value depends only on the inputs' values at the same position.
    """

    pointwise: ClassVar[bool] = False

    @abstractmethod
    def compute(self, xp: Any, *arrays: Any) -> Any:
        """Compute the result from dense arrays of the namespace `xp`; the caller handles raggedness."""

    def evaluate(self, *values: Any) -> Any:
        """See `Op.evaluate`; a ragged column is computed on its values.

        Raises:
            SchemaError: Two ragged columns have lists of different lengths.
        """
        splits = [value.row_splits for value in values if isinstance(value, Ragged)]
        if any(each is not splits[0] and not np.array_equal(each, splits[0]) for each in splits):
            raise SchemaError(
                f"{self.name}: the columns have lists of different lengths",
                hint="use lists of one column",
            )
        return self._compute(*values)

    def lower(self, *values: Any) -> Any:
        """See `Op.lower`; the body is traced with ndonnx."""
        return self._compute(*values)

    def _compute(self, *values: Any) -> Any:
        ragged = [value for value in values if isinstance(value, Ragged)]
        arrays = [value.values if isinstance(value, Ragged) else value for value in values]
        xp = namespace(*arrays)
        result = self.compute(xp, *(_native(xp, array) for array in arrays))
        return Ragged(result, ragged[0].row_splits) if ragged else result


# What NumPy 2 has in the standard's form; from an older version that lacks a name, array_api_compat adds it.
_SAME = frozenset(
    {
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "inf", "nan", "pi", "e", "newaxis"),
        *("asarray", "arange", "full", "full_like", "ones", "ones_like", "zeros", "zeros_like"),
        *("astype", "isdtype", "result_type", "broadcast_to", "concat", "expand_dims", "permute_dims"),
        *("reshape", "stack", "squeeze", "take", "where", "searchsorted", "any", "all", "max", "min", "sum"),
        *("abs", "add", "subtract", "multiply", "divide", "floor_divide", "remainder", "negative"),
        *("exp", "expm1", "log", "log1p", "log2", "log10", "pow", "sqrt", "square", "round"),
        *("sin", "cos", "tan", "sinh", "cosh", "tanh", "maximum", "minimum"),
        *("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"),
        *("isfinite", "isinf", "isnan", "logical_and", "logical_or", "logical_not", "logical_xor"),
        *("bitwise_and", "bitwise_or", "bitwise_xor"),
    }
)


class _NumPyNamespace:
    """The Array API namespace of NumPy.

    `array_api_compat.numpy` copies all names of NumPy and so loads `numpy.f2py` and `numpy.testing`: a third
    of a second. It is loaded here only for functions that it has its own form of.
    """

    __name__ = "numpy"

    def __getattr__(self, name: str) -> Any:
        if name in _SAME and hasattr(np, name):
            value = getattr(np, name)
        elif name.startswith("__"):
            raise AttributeError(name)
        else:
            value = getattr(array_api_compat.array_namespace(np.zeros(0)), name)
        setattr(self, name, value)
        return value


_NUMPY: Any = _NumPyNamespace()


def namespace(*arrays: Any) -> Any:
    """Return the Array API namespace of arrays; NumPy decides only if all arrays are NumPy's."""
    leading = [array for array in arrays if not isinstance(array, np.ndarray | np.generic)]
    return array_api_compat.array_namespace(leading[0]) if leading else _NUMPY


def _native(xp: Any, array: Any) -> Any:
    if not isinstance(array, np.ndarray | np.generic):
        return array
    if xp.__name__ == "ndonnx" and array.dtype.kind in "biuf":
        from spox._future import initializer  # spox runs ONNX Runtime for each constant that it makes

        return xp.asarray(initializer(array))
    return xp.asarray(array)


@lru_cache(4096)
def broadcast(name: str, *types: ColumnType) -> ColumnType:
    """Return the type of an elementwise result: the first dtype, shapes broadcast as by NumPy.

    Args:
        name: The op's name, for the error.
        types: The types of the inputs.

    Raises:
        TraceError: The shapes do not broadcast, or a type does not support arithmetic.
    """
    strings = [each for each in types if each.is_string]
    if strings:
        raise TraceError(
            f"{name} expects numbers, got {strings[0]}",
            hint="look strings up in a vocabulary first, or cast them",
        )
    if any(each.dtype == "uint64" for each in types):  # ONNX would compute in float64
        raise TraceError(f"{name}: no runtime computes with uint64", hint="cast it to int64")
    ragged = any(each.ragged for each in types)
    shape = _broadcast_shapes(types)
    if shape is None or (ragged and shape):
        raise TraceError(
            f"{name} cannot broadcast columns of {' and '.join(map(str, types))}",
            hint="give them one shape with reshape",
        )
    return ColumnType(types[0].dtype, shape, ragged)


def _broadcast_shapes(types: Sequence[ColumnType]) -> tuple[int, ...] | None:
    """Return the shape of the result, or None; of sizes that differ by row only one column may have any."""
    if sum(each.varies for each in types) > 1:
        return None
    shapes = [tuple(_ANY if size == ANY_SIZE else size for size in each.shape) for each in types]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        return None
    return tuple(ANY_SIZE if size == _ANY else size for size in shape)
