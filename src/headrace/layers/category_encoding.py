"""Encoding of indices as vectors."""

from __future__ import annotations

from typing import Any

from headrace.arguments import check_integer
from headrace.errors import UsageError
from headrace.layers.layer import PreprocessingLayer
from headrace.layers.output_mode import check_mode, encode
from headrace.transform.tracing import Column

__all__ = ["CategoryEncoding"]


class CategoryEncoding(PreprocessingLayer):
    """Encodes indices in [0, num_tokens) as vectors, like `keras.layers.CategoryEncoding`.

    The first dimension is always rows: `[3, 0]` is two rows of one index each, while Keras's "multi_hot" and
    "count" treat it as one row of two. Indices outside the range are ignored, while Keras fails.

    Args:
        num_tokens: Number of indices.
        output_mode: "multi_hot", "count" or "one_hot"; see `headrace.layers.output_mode`.
        name: See `PreprocessingLayer`.

    Raises:
        UsageError: `num_tokens` is below 1, or `output_mode` is unknown.

    Example:
        >>> from headrace.layers import CategoryEncoding
        >>> CategoryEncoding(4, output_mode="count")([[0, 1], [3, 3]], count_weights=[[0.5, 2.0], [1.0, 1.0]])
        array([[0.5, 2. , 0. , 0. ],
               [0. , 0. , 0. , 2. ]], dtype=float32)
    """

    def __init__(self, num_tokens: int, output_mode: str = "multi_hot", name: str | None = None) -> None:
        super().__init__(name)
        self.num_tokens = check_integer(num_tokens, "num_tokens", 1)
        self.output_mode = check_mode(output_mode, ("one_hot", "multi_hot", "count"))

    def forward(self, x: Any, count_weights: Any = None) -> Any:
        """See `PreprocessingLayer.forward`.

        Args:
            x: Integers: one per row, rows of fixed length, or lists.
            count_weights: In mode "count", the weight of each index instead of 1; in the form of `x`.

        Raises:
            UsageError: `count_weights` in a mode other than "count".
        """
        if count_weights is None:
            return super().forward(x)
        if self.output_mode != "count":
            raise UsageError(
                f"count_weights do not apply to mode {self.output_mode}", hint='choose mode "count"'
            )
        return self._apply_to_data((x, count_weights))

    def call(self, x: Column, *others: Column) -> Column:
        """See the class."""
        return encode(x, self.num_tokens, self.output_mode, *others)
