"""Strings to their indices in a vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any

import pyarrow as pa

from headrace.errors import UsageError
from headrace.layers.index_lookup import IndexLookup
from headrace.transform import apply_vocabulary, hash_strings, string_at, to_lists
from headrace.transform.analyzers import Vocabulary
from headrace.transform.tracing import Column

__all__ = ["StringLookup"]


class StringLookup(IndexLookup):
    """The index of each string in a vocabulary, as `keras.layers.StringLookup`.

    The order is that of `IndexLookup`. With several out-of-vocabulary indices, MurmurHash3 spreads the
    unknown strings over them, where Keras has FarmHash64. Without any, unknown strings get -1, where Keras
    fails. Missing (empty) strings never enter an adapted vocabulary. Vectors are float32,
    and "one_hot" is for one string a row: lists have any length.
    (`hr.transform.apply_vocabulary` puts such indices behind the vocabulary, as
    `tf.lookup.StaticVocabularyTable` does.)

    Args:
        max_tokens: The most indices there are, mask and out-of-vocabulary ones counted; None: no limit.
        num_oov_indices: How many indices unknown strings share.
        mask_token: The string, usually "", whose index is 0.
        oov_token: What stands for the out-of-vocabulary indices in `get_vocabulary` and if inverted.
        vocabulary: The strings, or the path of a text file with one a line, if they are known. Then nothing
            has to be adapted.
        idf_weights: Their weights, in mode "tf_idf".
        invert: Whether to give the string of each index instead.
        output_mode: "int", "one_hot", "multi_hot", "count", see `headrace.layers.output_mode`; or "tf_idf":
            counts times weights, each row being a document.
        pad_to_max_tokens: Whether vectors have the length `max_tokens` even if there are fewer tokens.
        idf: How weights are adapted; see `idf_weights`.
        name: See `PreprocessingLayer`.

    Raises:
        UsageError: A vocabulary with repeated strings, no room for it in `max_tokens`, or arguments that do
            not go together.

    Example:
        >>> from headrace.layers import StringLookup
        >>> layer = StringLookup().adapt(["b", "a", "b", "c"])
        >>> layer.get_vocabulary()
        ['[UNK]', 'b', 'a', 'c']
        >>> layer(["a", "z"])
        array([2, 0])
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str = "[UNK]",
        vocabulary: Sequence[str] | str | PathLike[str] | None = None,
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

    @property
    def _kind(self) -> type[Vocabulary]:
        return Vocabulary

    def _token(self, token: Any) -> str:
        if not isinstance(token, str):
            raise UsageError(f"the token {token!r}", hint="give strings, or use IntegerLookup")
        return token

    def _as_array(self, words: list[str]) -> pa.Array:
        return pa.array(words, pa.string())

    def _place(self, x: Column, words: Column) -> Column:
        return apply_vocabulary(x, words)

    def _bucket(self, x: Column, buckets: int) -> Column:
        return hash_strings(x, buckets)

    def _tokens_at(self, index: Column) -> Column:
        index = to_lists(index) if index.type.shape else index
        return string_at(index, self.get_vocabulary(), str(self.oov_token))
