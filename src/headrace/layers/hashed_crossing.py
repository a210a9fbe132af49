"""Hashing of combinations of values into bins."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from headrace.arguments import check_integer
from headrace.errors import UsageError
from headrace.layers.conversion import to_column
from headrace.layers.layer import PreprocessingLayer
from headrace.layers.output_mode import check_mode, encode
from headrace.tables import find_table
from headrace.transform import hashed_cross, reshape
from headrace.transform.tracing import Column

__all__ = ["HashedCrossing"]


class HashedCrossing(PreprocessingLayer):
    """Hashes each combination of values of several columns into a bin, like `keras.layers.HashedCrossing`.

    The values, strings or integers, are joined by "_X_" and hashed by MurmurHash3, while Keras combines
    fingerprints of FarmHash64. The bins therefore differ from Keras's, with the same uniform distribution.

    Args:
        num_bins: Number of bins.
        output_mode: "int" or "one_hot"; see `headrace.layers.output_mode`.
        name: See `PreprocessingLayer`.

    Raises:
        UsageError: `num_bins` is below 1, or `output_mode` is unknown.

    Example:
        >>> from headrace.layers import HashedCrossing
        >>> HashedCrossing(num_bins=5)((["A", "B", "A"], [101, 101, 102]))
        array([1, 2, 2])
    """

    def __init__(self, num_bins: int, output_mode: str = "int", name: str | None = None) -> None:
        super().__init__(name)
        self.num_bins = check_integer(num_bins, "num_bins", 1)
        self.output_mode = check_mode(output_mode, ("int", "one_hot"))

    def forward(self, x: Any) -> Any:
        """See `PreprocessingLayer.forward`.

        Args:
            x: A tuple or list of two or more columns, each in any form, with one value per row; or a table
                of such columns.

        Raises:
            UsageError: There are fewer than two columns.
        """
        table = None if isinstance(x, tuple | list) else find_table(x, index=False)
        if table is not None and table.num_columns > 1:
            result = self._apply_to_data(tuple(table.columns))
            return result if isinstance(x, pa.Table | pa.RecordBatch) else to_column(result)
        if not isinstance(x, tuple | list) or len(x) < 2:
            what = f"{type(self).__name__} expects two or more columns, got one"
            raise UsageError(what, hint="pass a tuple of columns")
        return self._apply_to_data(tuple(x))

    def call(self, x: Column, *others: Column) -> Column:
        """See the class."""
        shape = x.type.shape
        flat = [reshape(each, ()) if each.type.shape == (1,) else each for each in (x, *others)]
        bins = hashed_cross(flat, self.num_bins)
        bins = reshape(bins, (1,)) if shape == (1,) else bins
        return encode(bins, self.num_bins, self.output_mode)
