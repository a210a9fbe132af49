"""Memory for the arrays of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from headrace import _native

__all__ = ["allocate_array"]


def allocate_array(shape: Sequence[int], dtype: DTypeLike) -> NDArray[Any]:
    """Return an array with any values, in memory that earlier batches have freed, if there is some.

    The operating system clears each page of new memory, which costs a quarter of what decoding images costs.

    Example:
        >>> allocate_array((4, 2, 3, 3), "float32").shape
        (4, 2, 3, 3)
    """
    size = prod(shape) * np.dtype(dtype).itemsize
    return _native.allocate_bytes(size).view(dtype).reshape(shape)
