"""What an op is: one small frozen class that knows its type rule, its value and its ONNX form."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import array_api_compat
import numpy as np

from headrace.columns import ColumnType, Ragged
from headrace.errors import SchemaError, TraceError

__all__ = ["ElementwiseOp", "Op", "namespace"]


class Op(ABC):
    """A row-wise operation on columns. A subclass is a frozen dataclass; its fields are the op's parameters.

    Every subclass registers itself under `name`, the class's name in snake case.

    Attributes:
        per_string: Whether its first input is strings, of each of which it makes one value, whatever the
            others are: of strings in a dictionary, it is then done to the dictionary.
    """

    name: ClassVar[str]
    registry: ClassVar[dict[str, type[Op]]] = {}
    per_string: ClassVar[bool] = False

    def __init_subclass__(cls, abstract: bool = False) -> None:
        if abstract:
            return
        cls.name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        known = Op.registry.setdefault(cls.name, cls)
        if known.__qualname__ != cls.__qualname__ or known.__module__ != cls.__module__:
            raise TypeError(f"two ops are called '{cls.name}': {known.__module__} and {cls.__module__}")

    @abstractmethod
    def infer(self, *types: ColumnType) -> ColumnType:
        """The type that comes out, or `TraceError` if these inputs cannot go in."""

    @abstractmethod
    def evaluate(self, *values: Any) -> Any:
        """The value for one batch: NumPy arrays, Arrow string arrays and `Ragged` in and out."""

    def byte_table(self) -> np.ndarray | None:
        """What the op does to every byte of a string, see `ops.byte_table`; None if it is no such op.

        Such ops in a row are evaluated at once, see `byte_chains`.
        """
        return None

    def lower(self, *values: Any) -> Any:
        """The ONNX form: `ndonnx.Array` and `Ragged` of them in and out; constants as in `evaluate`.

        An op without one cannot be used: that is found out when a function that uses it is traced.
        """
        raise NotImplementedError(f"{self.name} has no ONNX form")


class ElementwiseOp(Op, abstract=True):
    """An op written once against the Array API standard: the same body is NumPy, torch and ONNX.

    Attributes:
        pointwise: Whether each value depends on the inputs' values at its place alone.
    """

    pointwise: ClassVar[bool] = False

    @abstractmethod
    def compute(self, xp: Any, *arrays: Any) -> Any:
        """The result, from arrays of the namespace `xp`. Dense only: raggedness is taken care of."""

    def evaluate(self, *values: Any) -> Any:
        """See `Op.evaluate`; a ragged column is computed on its values.

        Raises:
            SchemaError: Two ragged columns have lists of different lengths.
        """
        splits = [value.row_splits for value in values if isinstance(value, Ragged)]
        if any(each is not splits[0] and not np.array_equal(each, splits[0]) for each in splits):
            raise SchemaError(
                f"{self.name} of lists of different lengths",
                hint="take lists of one column",
            )
        return self._compute(*values)

    def lower(self, *values: Any) -> Any:
        """See `Op.lower`: the same body, traced with ndonnx."""
        return self._compute(*values)

    def _compute(self, *values: Any) -> Any:
        ragged = [value for value in values if isinstance(value, Ragged)]
        arrays = [value.values if isinstance(value, Ragged) else value for value in values]
        xp = namespace(*arrays)
        result = self.compute(xp, *(_native(xp, array) for array in arrays))
        return Ragged(result, ragged[0].row_splits) if ragged else result


def namespace(*arrays: Any) -> Any:
    """The Array API namespace of arrays, NumPy constants among them giving way to the others."""
    leading = [array for array in arrays if not isinstance(array, np.ndarray | np.generic)]
    return array_api_compat.array_namespace(*(leading[:1] or arrays[:1]))


def _native(xp: Any, array: Any) -> Any:
    return xp.asarray(array) if isinstance(array, np.ndarray | np.generic) else array


def broadcast(name: str, *types: ColumnType) -> ColumnType:
    """The shape and raggedness of an elementwise result: shapes meet as those of NumPy arrays do.

    Raises:
        TraceError: The shapes do not go together, or a type is not one to calculate with.
    """
    strings = [each for each in types if each.is_string]
    if strings:
        raise TraceError(
            f"{name} is for numbers, and a column of {strings[0]} came in",
            hint="look strings up in a vocabulary first, or cast them",
        )
    if any(each.dtype == "uint64" for each in types):  # ONNX would go by way of float64
        raise TraceError(f"{name} of uint64, which no runtime calculates with", hint="cast it to int64")
    ragged = any(each.ragged for each in types)
    try:
        shape = np.broadcast_shapes(*(each.shape for each in types))
    except ValueError:
        shape = None
    if shape is None or (ragged and shape):
        raise TraceError(
            f"{name} of columns of {' and '.join(map(str, types))}",
            hint="bring them to one shape with reshape",
        )
    return ColumnType(types[0].dtype, shape, ragged)
