"""The shape of a row: another one, its axes in another order, or several columns side by side."""

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
    """The same values in rows of another shape."""

    shape: tuple[int, ...]

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if x.ragged or x.is_string or prod(x.shape) != prod(self.shape) or min(self.shape, default=1) < 1:
            raise TraceError(
                f"a row of {x} cannot take the shape {list(self.shape)}", hint="count its values"
            )
        return replace(x, shape=self.shape)

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.reshape(arrays[0], (-1, *self.shape))


@dataclass(frozen=True)
class Transpose(ElementwiseOp):
    """The same values, the row's axes in another order."""

    axes: tuple[int, ...]

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if x.ragged or x.is_string or sorted(self.axes) != list(range(len(x.shape))):
            raise TraceError(
                f"the axes of a row of {x} cannot be put in the order {list(self.axes)}",
                hint="name each axis once, from 0, without the batch dimension",
            )
        return replace(x, shape=tuple(x.shape[axis] for axis in self.axes))

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.permute_dims(arrays[0], (0, *(1 + axis for axis in self.axes)))


@dataclass(frozen=True)
class Concatenate(ElementwiseOp):
    """Columns side by side, as one row of numbers."""

    def infer(self, *types: ColumnType) -> ColumnType:
        if not types:
            raise TraceError("concatenate of no columns", hint="pass at least one")
        for each in types:
            if each.is_string or each.ragged or len(each.shape) > 1:
                raise TraceError(
                    f"a column of {each} cannot stand beside others", hint="reshape it to one dimension"
                )
        if len({each.dtype for each in types}) > 1:
            raise TraceError("concatenate of several types of number", hint="cast them to one")
        return ColumnType(types[0].dtype, (sum(prod(each.shape) for each in types),))

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.concat([xp.reshape(x, (-1, 1)) if x.ndim == 1 else x for x in arrays], axis=1)

    def lower(self, *values: Any) -> Any:
        """See `Op.lower`: single numbers that follow one another are put end to end, then turned."""
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
    """One number of each row."""

    place: int

    def infer(self, *types: ColumnType) -> ColumnType:
        return replace(types[0], shape=())

    def compute(self, xp: Any, *arrays: Any) -> Any:  # noqa: ARG002
        return arrays[0][:, self.place]

    def lower(self, *values: Any) -> Any:
        """See `Op.lower`: ndonnx slices and squeezes."""
        import ndonnx as ndx
        import spox.opset.ai.onnx.v21 as op

        return ndx.asarray(op.gather(values[0].unwrap_spox(), op.const(np.int64(self.place)), axis=1))


@dataclass(frozen=True)
class PickSeveral(ElementwiseOp):
    """Some numbers of each row, in any order and as often as they are named."""

    places: tuple[int, ...]

    def infer(self, *types: ColumnType) -> ColumnType:
        return replace(types[0], shape=(len(self.places),))

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.take(arrays[0], xp.asarray(self.places, dtype=xp.int64), axis=1)

    def lower(self, *values: Any) -> Any:
        """See `Op.lower`: ndonnx would look for negative places."""
        import ndonnx as ndx
        import spox.opset.ai.onnx.v21 as op

        return ndx.asarray(op.gather(values[0].unwrap_spox(), op.const(np.array(self.places)), axis=1))


def reshape(x: Column, shape: Sequence[int]) -> Column:
    """Each row in another shape, without the batch dimension: `reshape(image, (1, 28, 28))`."""
    return apply(Reshape(tuple(shape)), x)


def transpose(x: Column, axes: Sequence[int]) -> Column:
    """Each row with its axes in another order: `transpose(image, (2, 0, 1))` brings channels to the front."""
    return apply(Transpose(tuple(axes)), x)


@composite
def concatenate(columns: Sequence[Column], dtype: str = "float32") -> Column:
    """Numeric columns of shape [] or [k], side by side: one column of shape [sum of k], all as `dtype`."""
    return apply(Concatenate(), *(x if x.type.is_string else cast_to(x, dtype) for x in columns))
