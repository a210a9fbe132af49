"""What the analyzers of numbers share: which columns they take, and which values they see."""

from __future__ import annotations

from typing import Any

import numpy as np

from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError

__all__ = ["statistic_type", "values_of"]


def statistic_type(name: str, type_: ColumnType, reduce_instance_dims: bool) -> ColumnType:
    """The type of a statistic of numbers: float64, a scalar or shaped like a row.

    Raises:
        TraceError: The column holds strings, or a ragged column has no fixed places.
    """
    if type_.is_string:
        raise TraceError(f"{name} is for numbers, and {type_} came in", way_out="use vocabulary for strings")
    if type_.ragged and not reduce_instance_dims:
        raise TraceError(f"{name} of each place in {type_}", way_out="leave reduce_instance_dims=True")
    return ColumnType("float64", () if reduce_instance_dims else type_.shape)


def values_of(column: Any, reduce_instance_dims: bool) -> np.ndarray:
    """The values along the first axis: [values], or [rows, *shape] if places are kept apart."""
    array = np.asarray(column.values if isinstance(column, Ragged) else column)
    return array.reshape(-1) if reduce_instance_dims else array
