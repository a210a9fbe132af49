"""Nest consecutive rows of a column as lists."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["nest_rows"]


def nest_rows(array: pa.Array, bounds: NDArray[np.int64], size: int | None) -> pa.Array:
    """Return a column of lists of the rows of a column; values are not copied.

    Args:
        array: The column.
        bounds: List i has the rows `bounds[i]` to `bounds[i + 1]`.
        size: The length of all lists; None if they differ.

    Returns:
        list<T>, or fixed_size_list<T>[size]. With a size, dense rows without nulls become tensors: [k]
        becomes [size, k], and [a, b] becomes [size, a, b].
    """
    if size is None:
        return pa.ListArray.from_arrays(pa.array(bounds, pa.int32()), array)
    if isinstance(array, pa.FixedShapeTensorArray) and not array.null_count:
        return _stack(array.storage, size, tuple(array.type.shape))
    is_vector = pa.types.is_fixed_size_list(array.type) and not pa.types.is_nested(array.type.value_type)
    if is_vector and not array.null_count:
        return _stack(array, size, (array.type.list_size,))
    return pa.FixedSizeListArray.from_arrays(array, size)


def _stack(array: pa.FixedSizeListArray, size: int, shape: tuple[int, ...]) -> pa.Array:
    count = array.type.list_size
    values = array.values.slice(array.offset * count, len(array) * count)
    storage = pa.FixedSizeListArray.from_arrays(values, size * count)
    type_ = pa.fixed_shape_tensor(values.type, (size, *shape))
    return pa.ExtensionArray.from_storage(type_, storage)
