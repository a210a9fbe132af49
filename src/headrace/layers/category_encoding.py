"""Indices as vectors."""

from __future__ import annotations

from typing import Any

from headrace.errors import UsageError
from headrace.layers.layer import PreprocessingLayer
from headrace.layers.output_mode import checked_mode, encode
from headrace.transform.tracing import Column

__all__ = ["CategoryEncoding"]


class CategoryEncoding(PreprocessingLayer):
    """Vectors of indices that are known to lie in [0, num_tokens), as `keras.layers.CategoryEncoding`.

    The first dimension is always rows: `[3, 0]` are two rows of one index each, where Keras's "multi_hot" and
    "count" see one row of two. Indices outside are left out, where Keras fails.

    Args:
        num_tokens: How many indices there are.
        output_mode: "multi_hot", "count" or "one_hot"; see `headrace.layers.output_mode`.
        name: See `PreprocessingLayer`.

    Raises:
        UsageError: Less than one token, or another mode.

    Example:
        >>> from headrace.layers import CategoryEncoding
        >>> CategoryEncoding(4, output_mode="count")([[0, 1], [3, 3]], count_weights=[[0.5, 2.0], [1.0, 1.0]])
        array([[0.5, 2. , 0. , 0. ],
               [0. , 0. , 0. , 2. ]], dtype=float32)
    """

    def __init__(self, num_tokens: int, output_mode: str = "multi_hot", name: str | None = None) -> None:
        super().__init__(name)
        if num_tokens < 1:
            raise UsageError(f"num_tokens {num_tokens}", hint="give 1 or more")
        self.num_tokens = num_tokens
        self.output_mode = checked_mode(output_mode, ("one_hot", "multi_hot", "count"))

    def forward(self, x: Any, count_weights: Any = None) -> Any:
        """See `PreprocessingLayer.forward`.

        Args:
            x: Integers: one a row, rows of one length, or lists.
            count_weights: In mode "count", what each of them counts, instead of 1; in the form of `x`.

        Raises:
            UsageError: Weights in another mode.
        """
        if count_weights is None:
            return super().forward(x)
        if self.output_mode != "count":
            raise UsageError(f"count_weights in mode {self.output_mode}", hint='choose mode "count"')
        return self._on((x, count_weights))

    def call(self, x: Column, *others: Column) -> Column:
        """See the class."""
        return encode(x, self.num_tokens, self.output_mode, *others)
