"""Read scalar columns of one type together: one copy and one tensor for all of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

__all__ = ["ScalarBlock", "find_blocks"]

_FEWEST = 4  # columns: fewer are not read faster together
_MOST_BYTES = 1 << 20  # of a tensor whose parts are several columns, as each part keeps all of it in memory


@dataclass(frozen=True)
class ScalarBlock:
    """Columns of one type of number.

    Attributes:
        columns: Their places in the schema.
        type: Their type.
    """

    columns: list[int]
    type: pa.DataType

    def read(self, batch: pa.RecordBatch) -> np.ndarray | None:
        """Copy the columns of a batch to an array [columns, rows]; missing floats are NaN.

        Returns:
            The array; None where the columns must be read one by one: they exceed 1 MB, or integers or half
            precision floats are missing.
        """
        if batch.num_rows * len(self.columns) * self.type.bit_width > 8 * _MOST_BYTES:
            return None
        is_wide_float = pa.types.is_float32(self.type) or pa.types.is_float64(self.type)
        try:
            tensor = batch.select(self.columns).to_tensor(null_to_nan=is_wide_float, row_major=False)
        except pa.ArrowTypeError:  # nulls
            return None
        return tensor.to_numpy().T


def find_blocks(fields: Collection[pa.Field]) -> list[ScalarBlock]:
    """Find the columns to read together: those of each type of number of which there are several."""
    if len(fields) < _FEWEST:
        return []
    places: dict[pa.DataType, list[int]] = {}
    for place, field in enumerate(fields):
        if pa.types.is_integer(field.type) or pa.types.is_floating(field.type):
            places.setdefault(field.type, []).append(place)
    return [ScalarBlock(each, type_) for type_, each in places.items() if len(each) >= _FEWEST]
