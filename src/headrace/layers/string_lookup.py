"""Strings to their indices in a vocabulary."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from headrace.columns import ColumnType
from headrace.errors import UsageError
from headrace.layers.layer import PreprocessingLayer
from headrace.layers.output_mode import encode
from headrace.transform import apply_vocabulary, hash_strings, vocabulary, where
from headrace.transform.column import Column
from headrace.transform.graph import Constant, Node

__all__ = ["StringLookup"]


class StringLookup(PreprocessingLayer):
    """The index of each string in a vocabulary, as `keras.layers.StringLookup`.

    Index 0 is the mask's, if there is one; then come the out-of-vocabulary indices, then the vocabulary's
    strings by falling count, ties by value. With several out-of-vocabulary indices, MurmurHash3 spreads the
    unknown strings over them; without any they get -1, where Keras fails.

    Args:
        max_tokens: The most indices there are, mask and out-of-vocabulary ones counted; None: no limit.
        num_oov_indices: How many indices unknown strings share.
        mask_token: The string, usually "", whose index is 0.
        oov_token: What `get_vocabulary` calls the out-of-vocabulary indices.
        vocabulary: The strings, if they are known. Then nothing has to be adapted.
        output_mode: "int", or "one_hot", "multi_hot" or "count" as `CategoryEncoding`.
        name: See `PreprocessingLayer`.

    Raises:
        UsageError: A vocabulary with repeated strings, or no room for it in `max_tokens`.

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
        vocabulary: Sequence[str] | None = None,
        output_mode: str = "int",
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        self.max_tokens, self.num_oov_indices = max_tokens, num_oov_indices
        self.mask_token, self.oov_token, self.output_mode = mask_token, oov_token, output_mode
        self._given = None if vocabulary is None else _checked(vocabulary)
        self._specials = (mask_token is not None) + num_oov_indices
        if max_tokens is not None and max_tokens <= self._specials:
            raise UsageError(f"max_tokens {max_tokens}", way_out=f"give more than {self._specials}")

    def call(self, x: Column) -> Column:
        """See the class."""
        return encode(self._indices(x), 0, self.output_mode)

    def get_vocabulary(self) -> list[str]:
        """What each index stands for.

        Raises:
            UsageError: The layer has no vocabulary yet.
        """
        mask = [] if self.mask_token is None else [self.mask_token]
        return [*mask, *[self.oov_token] * self.num_oov_indices, *self._words()]

    def vocabulary_size(self) -> int:
        """How many indices there are."""
        return len(self.get_vocabulary())

    def _words(self) -> list[str]:
        if self._given is not None:
            return self._given
        if not self.statistics:
            raise UsageError(f"the layer '{self.name}' has no vocabulary yet", way_out="adapt it first")
        return next(iter(self.statistics.values()))

    def _indices(self, x: Column) -> Column:
        place = apply_vocabulary(x, self._vocabulary_of(x))
        mask = self.mask_token is not None
        if self.num_oov_indices > 1:
            unknown = hash_strings(x, self.num_oov_indices) + int(mask)
        else:
            unknown = int(mask) if self.num_oov_indices else -1
        index = where(place < 0, unknown, place + self._specials)
        return index if self.mask_token is None else where(x == self.mask_token, 0, index)

    def _vocabulary_of(self, x: Column) -> Column:
        if self._given is not None:
            words = Constant(pa.array(self._given, pa.string()), self.name)
            return Column(Node(words, (), ColumnType("string", ragged=True), per_row=False))
        room = None if self.max_tokens is None else self.max_tokens - self._specials
        return vocabulary(x, top_k=room, vocab_filename=self.name)


def _checked(words: Sequence[str]) -> list[str]:
    if len(set(words)) < len(words):
        twice = next(word for place, word in enumerate(words) if word in words[:place])
        raise UsageError(f"the vocabulary holds {twice!r} twice", way_out="give each string once")
    return list(words)
