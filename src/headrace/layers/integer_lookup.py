"""Lookup of integers in a vocabulary."""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import index
from os import PathLike
from typing import Any

import numpy as np

from headrace.errors import UsageError
from headrace.layers.index_lookup import IndexLookup
from headrace.transform import cast, index_of, lookup, where
from headrace.transform.analyzers import IntegerVocabulary, Vocabulary
from headrace.transform.tracing import Column, constant

__all__ = ["IntegerLookup"]


class IntegerLookup(IndexLookup):
    """Looks up the index of each integer in a vocabulary, like `keras.layers.IntegerLookup`.

    See `IndexLookup` for the order of indices. With several out-of-vocabulary indices, the non-negative
    remainder of an unknown number selects its index. With none, the index of unknown numbers is -1, while
    Keras fails. The layer is numeric: it works in a torch model, and its state dict has the vocabulary.

    Args:
        max_tokens: Maximum number of indices, including mask and out-of-vocabulary indices; None for no
            limit.
        num_oov_indices: Number of out-of-vocabulary indices.
        mask_token: The number whose index is 0.
        oov_token: The number that represents out-of-vocabulary indices in `get_vocabulary` and with `invert`.
        vocabulary: The numbers, if known, or the path of a text file with one number per line.
        idf_weights: The weights of the numbers, in mode "tf_idf".
        invert: Whether to look up the number of each index instead.
        output_mode: See `StringLookup`.
        pad_to_max_tokens: See `StringLookup`.
        idf: See `StringLookup`.
        name: See `PreprocessingLayer`.

    Raises:
        UsageError: See `StringLookup`.

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
    def _analyzer_type(self) -> type[Vocabulary]:
        return IntegerVocabulary

    def _parse_token(self, token: Any) -> int:
        is_text = isinstance(token, str)
        is_integer = re.fullmatch(r"[+-]?[0-9]+", token) if is_text else hasattr(token, "__index__")
        if not is_integer or isinstance(token, bool | np.bool_):
            raise UsageError(f"expected an integer, got {token!r}", hint="pass integers, or use StringLookup")
        number = int(token) if is_text else index(token)
        if not -(2**63) <= number < 2**63:
            raise UsageError(f"expected an integer of 64 bits, got {number}", hint="use StringLookup")
        return number

    def _to_array(self, words: list[int]) -> np.ndarray:
        return np.array(words, np.int64)

    def _find(self, x: Column, words: Column) -> Column:
        return index_of(x, words)

    def _oov_bucket(self, x: Column, buckets: int) -> Column:
        return x % buckets

    def _lookup_tokens(self, indices: Column) -> Column:
        numbers = np.array(self.get_vocabulary(), np.int64)
        in_range = (indices >= 0) & (indices < len(numbers))
        return where(in_range, lookup(indices, constant(numbers)), int(self.oov_token))
