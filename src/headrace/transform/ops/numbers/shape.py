"""Changes of the shape of a row: reshape, transpose, concatenate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import prod
from typing import Any

import numpy as np

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.composite import composite
from headrace.transform.graph.op import ElementwiseOp
from headrace.transform.tracing.column import Column, apply, cast_to

__all__ = ["concatenate", "reshape", "transpose"]


@dataclass(frozen=True)
class Reshape(ElementwiseOp):
    """The values of a row in another shape."""

    arity = (1, 1)

    shape: tuple[int, ...]

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if x.ragged or x.is_string or prod(x.shape) != prod(self.shape) or min(self.shape, default=1) < 1:
            raise TraceError(
                f"cannot reshape a row of {x} to {list(self.shape)}",
                hint="the number of values must stay the same",
            )
        return replace(x, shape=self.shape)

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.reshape(arrays[0], (-1, *self.shape))


@dataclass(frozen=True)
class Transpose(ElementwiseOp):
    """A row with its axes permuted."""

    arity = (1, 1)
    takes_any_size = True

    axes: tuple[int, ...]

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if x.ragged or x.is_string or sorted(self.axes) != list(range(len(x.shape))):
            raise TraceError(
                f"cannot transpose a row of {x} to the axes {list(self.axes)}",
                hint="give each axis of a row once, from 0, without the batch dimension",
            )
        return replace(x, shape=tuple(x.shape[axis] for axis in self.axes))

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.permute_dims(arrays[0], (0, *(1 + axis for axis in self.axes)))


@dataclass(frozen=True)
class Concatenate(ElementwiseOp):
    """The values of several columns of numbers as one vector per row."""

    arity = (0, None)

    def infer(self, *types: ColumnType) -> ColumnType:
        if not types:
            raise TraceError("concatenate expects at least one column, got none", hint="pass at least one")
        for each in types:
            if each.is_string or each.ragged or len(each.shape) > 1:
                raise TraceError(
                    f"concatenate expects numbers in at most one dimension, got {each}",
                    hint="reshape it",
                )
        if len({each.dtype for each in types}) > 1:
            raise TraceError(
                "concatenate expects one type of number, got several", hint="cast them to one type"
            )
        return ColumnType(types[0].dtype, (sum(prod(each.shape) for each in types),))

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.concat([xp.reshape(x, (-1, 1)) if x.ndim == 1 else x for x in arrays], axis=1)

    def lower(self, *values: Any) -> Any:
        """See `Op.lower`: consecutive scalar columns are concatenated once, then transposed."""
        import ndonnx as ndx

        parts: list[Any] = []
        for ndim, run in groupby(values, lambda value: value.ndim):
            columns = list(run)
            if ndim == 1:
                columns = [ndx.permute_dims(ndx.reshape(ndx.concat(columns), (len(columns), -1)), (1, 0))]
            parts += columns
        return ndx.concat(parts, axis=1) if len(parts) > 1 else parts[0]


@dataclass(frozen=True)
class Pick(ElementwiseOp):
    """The number at one place of each row."""

    arity = (1, 1)

    place: int

    def infer(self, *types: ColumnType) -> ColumnType:
        return replace(types[0], shape=())

    def compute(self, xp: Any, *arrays: Any) -> Any:  # noqa: ARG002
        return arrays[0][:, self.place]

    def lower(self, *values: Any) -> Any:
        """See `Op.lower`: one Gather, where ndonnx would slice and squeeze."""
        import ndonnx as ndx
        import spox.opset.ai.onnx.v21 as op

        return ndx.asarray(op.gather(values[0].unwrap_spox(), op.const(np.int64(self.place)), axis=1))


@dataclass(frozen=True)
class PickSeveral(ElementwiseOp):
    """The numbers at given places of each row, in any order, with repetitions."""

    arity = (1, 1)

    places: tuple[int, ...]

    def infer(self, *types: ColumnType) -> ColumnType:
        return replace(types[0], shape=(len(self.places),))

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.take(arrays[0], xp.asarray(self.places, dtype=xp.int64), axis=1)

    def lower(self, *values: Any) -> Any:
        """See `Op.lower`: one Gather, where ndonnx would also handle negative places."""
        import ndonnx as ndx
        import spox.opset.ai.onnx.v21 as op

        return ndx.asarray(op.gather(values[0].unwrap_spox(), op.const(np.array(self.places)), axis=1))


def reshape(x: Column, shape: Sequence[int]) -> Column:
    """Reshape each row of x; `shape` is without the batch dimension.

    `reshape(image, (1, 28, 28))` adds a channel to an image of 28 x 28 pixels.

    Raises:
        TraceError: `shape` does not hold as many values as a row, or `x` is ragged or holds strings.
    """
    return apply(Reshape(tuple(shape)), x)


def transpose(x: Column, axes: Sequence[int]) -> Column:
    """Permute the axes of each row of x; `axes` are without the batch dimension.

    `transpose(image, (2, 0, 1))` moves the channels to the front.

    Raises:
        TraceError: `axes` does not name each axis once, or `x` is ragged or holds strings.
    """
    return apply(Transpose(tuple(axes)), x)


@composite
def concatenate(columns: Sequence[Column], dtype: str = "float32") -> Column:
    """Concatenate numeric columns to one column of vectors.

    Args:
        columns: Columns of shape [] (one value) or [k].
        dtype: The type to which all are cast.

    Returns:
        A column of shape [sum of k].

    Raises:
        TraceError: `columns` is empty, or a column is ragged, holds strings, or has more than one dimension.
    """
    return apply(Concatenate(), *(x if x.type.is_string else cast_to(x, dtype) for x in columns))
