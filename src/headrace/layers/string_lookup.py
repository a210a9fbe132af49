"""Lookup of strings in a vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any

import pyarrow as pa

from headrace.arguments import check_unicode
from headrace.errors import UsageError
from headrace.layers.index_lookup import IndexLookup
from headrace.transform import apply_vocabulary, hash_strings, string_at, to_lists
from headrace.transform.analyzers import Vocabulary
from headrace.transform.tracing import Column

__all__ = ["StringLookup"]


class StringLookup(IndexLookup):
    """Looks up the index of each string in a vocabulary, like `keras.layers.StringLookup`.

    See `IndexLookup` for the order of indices. With several out-of-vocabulary indices, MurmurHash3
    distributes unknown strings over them, while Keras uses FarmHash64. With none, the index of unknown
    strings is -1, while Keras fails. Missing (empty) strings are never part of an adapted vocabulary.
    Vectors are float32, and "one_hot" requires one string per row, since lists have any length.
    (`hr.transform.apply_vocabulary` puts out-of-vocabulary indices after the vocabulary, as
    `tf.lookup.StaticVocabularyTable` does.)

    Args:
        max_tokens: Maximum number of indices, including mask and out-of-vocabulary indices; None for no
            limit.
        num_oov_indices: Number of out-of-vocabulary indices.
        mask_token: The string, usually "", whose index is 0.
        oov_token: The string that represents out-of-vocabulary indices in `get_vocabulary` and with `invert`.
        vocabulary: The strings, if known, or the path of a text file with one string per line. The layer then
            needs no adapting.
        idf_weights: The weights of the strings, in mode "tf_idf".
        invert: Whether to look up the string of each index instead.
        output_mode: "int", "one_hot", "multi_hot", "count", see `headrace.layers.output_mode`; or "tf_idf":
            counts times weights, with each row as a document.
        pad_to_max_tokens: Whether vectors have length `max_tokens` even if there are fewer tokens.
        idf: The formula of adapted weights; see `idf_weights`.
        name: See `PreprocessingLayer`.

    Raises:
        UsageError: The vocabulary has duplicates or exceeds `max_tokens`, or arguments contradict each other.

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
    def _analyzer_type(self) -> type[Vocabulary]:
        return Vocabulary

    def _parse_token(self, token: Any) -> str:
        if not isinstance(token, str):
            raise UsageError(f"expected a string, got {token!r}", hint="pass strings, or use IntegerLookup")
        return check_unicode(token, "a token")

    def _to_array(self, words: list[str]) -> pa.Array:
        return pa.array(words, pa.string())

    def _find(self, x: Column, words: Column) -> Column:
        return apply_vocabulary(x, words)

    def _oov_bucket(self, x: Column, buckets: int) -> Column:
        return hash_strings(x, buckets)

    def _lookup_tokens(self, indices: Column) -> Column:
        indices = to_lists(indices) if indices.type.shape else indices
        return string_at(indices, self.get_vocabulary(), str(self.oov_token))
