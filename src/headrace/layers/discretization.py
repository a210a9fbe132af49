"""Numbers to the buckets they fall into."""

from __future__ import annotations

from collections.abc import Sequence

from headrace.errors import UsageError
from headrace.layers.category_encoding import encode
from headrace.layers.layer import PreprocessingLayer
from headrace.transform import apply_buckets, quantiles
from headrace.transform.column import Column

__all__ = ["Discretization"]


class Discretization(PreprocessingLayer):
    """The bucket of each number, as `keras.layers.Discretization`: i where boundary i - 1 <= x < boundary i.

    Args:
        bin_boundaries: Rising numbers; n of them make n + 1 buckets.
        num_bins: How many buckets that hold equally many values to adapt to the data, instead.
        output_mode: "int", or "one_hot", "multi_hot" or "count" as `CategoryEncoding`.
        name: See `PreprocessingLayer`.

    Raises:
        UsageError: Both or neither of `bin_boundaries` and `num_bins`.

    Example:
        >>> from headrace.layers import Discretization
        >>> Discretization(bin_boundaries=[0.0, 1.0, 2.0])([-1.5, 1.0, 3.4, 0.5])
        array([0, 2, 3, 1])
    """

    def __init__(
        self,
        bin_boundaries: Sequence[float] | None = None,
        num_bins: int | None = None,
        output_mode: str = "int",
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        if (bin_boundaries is None) == (num_bins is None):
            raise UsageError("bin_boundaries and num_bins", way_out="give one of the two")
        self.bin_boundaries, self.num_bins, self.output_mode = bin_boundaries, num_bins, output_mode

    def call(self, x: Column) -> Column:
        """See the class."""
        if self.bin_boundaries is not None:
            buckets, count = apply_buckets(x, self.bin_boundaries), len(self.bin_boundaries) + 1
        else:
            assert self.num_bins is not None
            buckets, count = apply_buckets(x, quantiles(x, self.num_bins)), self.num_bins
        return encode(buckets, count, self.output_mode)
