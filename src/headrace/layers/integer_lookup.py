"""Whole numbers to their indices in a vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index as whole
from os import PathLike
from typing import Any

import numpy as np

from headrace.layers.index_lookup import IndexLookup
from headrace.transform import cast, index_of, lookup, where
from headrace.transform.analyzers import IntegerVocabulary, Vocabulary
from headrace.transform.tracing import Column, constant

__all__ = ["IntegerLookup"]


class IntegerLookup(IndexLookup):
    """The index of each whole number in a vocabulary, as `keras.layers.IntegerLookup`; see `IndexLookup`.

    With several out-of-vocabulary indices, an unknown number gets the one of its remainder, never negative.
    Without any, unknown numbers get -1, where Keras fails. It is numeric: it works in a torch model, the
    vocabulary being a buffer.

    Args:
        max_tokens: The most indices there are, mask and out-of-vocabulary ones counted; None: no limit.
        num_oov_indices: How many indices unknown numbers share.
        mask_token: The number whose index is 0.
        oov_token: What stands for the out-of-vocabulary indices in `get_vocabulary` and if inverted.
        vocabulary: The numbers, or the path of a text file with one a line, if they are known.
        idf_weights: Their weights, in mode "tf_idf".
        invert: Whether to give the number of each index instead.
        output_mode: As `StringLookup`.
        pad_to_max_tokens: As `StringLookup`.
        idf: As `StringLookup`.
        name: See `PreprocessingLayer`.

    Raises:
        UsageError: As `StringLookup`.

    Example:
        >>> from headrace.layers import IntegerLookup
        >>> IntegerLookup(vocabulary=[12, 36, 1138])([36, 7, 1138])
        array([2, 0, 3])
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int = -1,
        vocabulary: Sequence[int] | str | PathLike[str] | None = None,
        idf_weights: Sequence[float] | None = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        idf: str = "keras",
        name: str | None = None,
    ) -> None:
        super().__init__(
            max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, idf_weights, invert, output_mode,
            pad_to_max_tokens, idf, name,
        )  # fmt: skip

    def call(self, x: Column) -> Column:
        """See the class."""
        return super().call(cast(x, "int64") if x.type.is_integer and x.type.dtype != "uint64" else x)

    @property
    def _kind(self) -> type[Vocabulary]:
        return IntegerVocabulary

    def _token(self, token: Any) -> int:
        return int(token) if isinstance(token, str) else whole(token)

    def _as_array(self, words: list[int]) -> np.ndarray:
        return np.array(words, np.int64)

    def _place(self, x: Column, words: Column) -> Column:
        return index_of(x, words)

    def _bucket(self, x: Column, buckets: int) -> Column:
        return x % buckets

    def _tokens_at(self, index: Column) -> Column:
        numbers = np.array(self.get_vocabulary(), np.int64)
        there = (index >= 0) & (index < len(numbers))
        return where(there, lookup(index, constant(numbers)), int(self.oov_token))
