"""Combinations of values to bins."""

from __future__ import annotations

from typing import Any

from headrace.errors import UsageError
from headrace.layers.layer import PreprocessingLayer
from headrace.layers.output_mode import checked_mode, encode
from headrace.transform import hashed_cross, reshape
from headrace.transform.tracing import Column

__all__ = ["HashedCrossing"]


class HashedCrossing(PreprocessingLayer):
    """A bin for each combination of the values of several columns, as `keras.layers.HashedCrossing`.

    The values, strings or whole numbers, are joined by "_X_" and hashed by MurmurHash3; Keras joins
    fingerprints by FarmHash64. So the bins are other ones than Keras's, equally spread.

    Args:
        num_bins: How many bins there are.
        output_mode: "int" or "one_hot"; see `headrace.layers.output_mode`.
        name: See `PreprocessingLayer`.

    Raises:
        UsageError: Less than one bin, or another mode.

    Example:
        >>> from headrace.layers import HashedCrossing
        >>> HashedCrossing(num_bins=5)((["A", "B", "A"], [101, 101, 102]))
        array([1, 2, 2])
    """

    def __init__(self, num_bins: int, output_mode: str = "int", name: str | None = None) -> None:
        super().__init__(name)
        if num_bins < 1:
            raise UsageError(f"num_bins {num_bins}", hint="give 1 or more")
        self.num_bins = num_bins
        self.output_mode = checked_mode(output_mode, ("int", "one_hot"))

    def forward(self, x: Any) -> Any:
        """See `PreprocessingLayer.forward`.

        Args:
            x: A tuple or list of two columns or more, each in any form: one value a row.

        Raises:
            UsageError: Fewer than two columns.
        """
        if not isinstance(x, tuple | list) or len(x) < 2:
            raise UsageError(f"{type(self).__name__} of one column", hint="give a tuple of columns")
        return self._on(tuple(x))

    def call(self, x: Column, *others: Column) -> Column:
        """See the class."""
        shape = x.type.shape
        flat = [reshape(each, ()) if each.type.shape == (1,) else each for each in (x, *others)]
        bins = hashed_cross(flat, self.num_bins)
        bins = reshape(bins, (1,)) if shape == (1,) else bins
        return encode(bins, self.num_bins, self.output_mode)
