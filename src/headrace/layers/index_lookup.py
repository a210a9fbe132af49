"""Tokens to their indices in a vocabulary, and back: what StringLookup and IntegerLookup share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import ColumnType
from headrace.errors import UsageError
from headrace.layers.idf import FORMULAS, idf_weights
from headrace.layers.layer import PreprocessingLayer
from headrace.layers.output_mode import MODES, checked_mode, encode
from headrace.transform import count_vector, lookup, row_length, size, to_lists, where
from headrace.transform.analyzers import Frequencies, Scoring, Vocabulary
from headrace.transform.graph import Constant, Node
from headrace.transform.tracing import Column, apply, cast_to, constant

__all__ = ["IndexLookup"]

Token = str | int


class IndexLookup(PreprocessingLayer):
    """The index of each token in a vocabulary.

    Index 0 is the mask's, if there is one and the mode is "int"; then come the out-of-vocabulary indices,
    then the vocabulary's tokens by falling count, ties by rising value (Keras: by falling value). In other
    modes the mask is left out.

    How wide vectors are is known when the vocabulary is. So in all modes but "int" the layer has to be
    adapted before a `preprocess` function uses it, unless vectors are padded to `max_tokens`; and in "tf_idf"
    always.
    """

    def __init__(
        self,
        max_tokens: int | None,
        num_oov_indices: int,
        mask_token: Token | None,
        oov_token: Token,
        vocabulary: Sequence[Token] | str | PathLike[str] | None,
        idf_weights: Sequence[float] | None,
        invert: bool,
        output_mode: str,
        pad_to_max_tokens: bool,
        idf: str,
        name: str | None,
    ) -> None:
        super().__init__(name)
        self.max_tokens, self.num_oov_indices = max_tokens, num_oov_indices
        self.mask_token, self.oov_token, self.invert = mask_token, oov_token, invert
        self.output_mode = checked_mode(output_mode, (*MODES, "tf_idf"))
        self.pad_to_max_tokens, self.idf = pad_to_max_tokens, idf
        self._masks = int(mask_token is not None and output_mode == "int")
        self._specials = self._masks + num_oov_indices
        self._given: list[Token] | None = None
        self._given_weights: np.ndarray | None = None
        self._check()
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)
        elif idf_weights is not None:
            raise UsageError("idf_weights without a vocabulary", hint="give both, or adapt the layer")

    def _check(self) -> None:
        if self.num_oov_indices < 0:
            raise UsageError(f"num_oov_indices {self.num_oov_indices}", hint="give 0 or more")
        if self.max_tokens is not None and self.max_tokens <= self._specials:
            raise UsageError(f"max_tokens {self.max_tokens}", hint=f"give more than {self._specials}")
        if self.pad_to_max_tokens and self.max_tokens is None:
            raise UsageError("pad_to_max_tokens without max_tokens", hint="give both")
        if self.invert and self.output_mode != "int":
            raise UsageError(f"invert in mode {self.output_mode}", hint='choose mode "int"')
        if self.idf not in FORMULAS:
            raise UsageError(f"idf {self.idf!r}", hint=f"choose among {', '.join(FORMULAS)}")

    def call(self, x: Column) -> Column:
        """See the class."""
        if self.invert:
            return self._tokens_at(x)
        index = self._index(x)
        if self.output_mode == "int":
            return index
        if self.output_mode == "tf_idf":
            weights = self._weights()
            return count_vector(index, len(weights)) * constant(weights)
        return encode(index, self._depth(), self.output_mode)

    def learn(self, x: Column) -> Column:
        """Each token's index in the vocabulary; in mode "tf_idf", the share of documents that hold it."""
        if self._given is not None:
            hint = "adapt a layer that was made without one"
            raise UsageError(f"the layer '{self.name}' was given its vocabulary", hint=hint)
        words = self._analyzer()
        place = self._place(x, apply(words, x))
        if self.output_mode != "tf_idf":
            return place
        documents = size(row_length(x if x.type.ragged else to_lists(x)))
        return lookup(place, cast_to(apply(Frequencies(words, "rows"), x), "float64")) / documents

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """What each index stands for; without the special tokens, from the first one after them.

        Raises:
            UsageError: The layer has no vocabulary yet.
        """
        words = self._known()
        if words is None:
            raise UsageError(f"the layer '{self.name}' has no vocabulary yet", hint="adapt it first")
        special = [self.mask_token] * self._masks + [self.oov_token] * self.num_oov_indices
        return [*special, *words] if include_special_tokens else words

    def vocabulary_size(self) -> int:
        """How many indices there are."""
        return len(self.get_vocabulary())

    def set_vocabulary(
        self, vocabulary: Sequence[Token] | str | PathLike[str], idf_weights: Sequence[float] | None = None
    ) -> None:
        """Use a vocabulary that is known, in place of an adapted one.

        Args:
            vocabulary: Tokens, each once, with or without the special ones in front; or the path of a text
                file, one token a line.
            idf_weights: In mode "tf_idf", a weight for each of `vocabulary`. Out-of-vocabulary indices that
                are not in it have the mean.

        Raises:
            UsageError: Repeated tokens, no room for them in `max_tokens`, or weights missing or too many.
        """
        tokens = self._read(vocabulary)
        special = [*[self.mask_token] * self._masks, *[self.oov_token] * self.num_oov_indices]
        has_special = bool(special) and tokens[: len(special)] == special
        words = tokens[len(special) :] if has_special else tokens
        self._check_words(words)
        if (idf_weights is None) == (self.output_mode == "tf_idf"):
            raise UsageError(f"idf_weights in mode {self.output_mode}", hint='give them in "tf_idf" only')
        self._given, self._given_weights = words, None
        if idf_weights is not None:
            weights = np.asarray(idf_weights, np.float64)
            if weights.shape != (len(tokens),):
                what = f"idf_weights of shape {list(weights.shape)} for {len(tokens):,} tokens"
                raise UsageError(what, hint="give one a token")
            self._given_weights = weights if has_special else self._with_specials(weights)
        self._forget()

    def _read(self, vocabulary: Sequence[Token] | str | PathLike[str]) -> list[Any]:
        if isinstance(vocabulary, str | PathLike):
            return list(map(self._token, Path(vocabulary).read_text(encoding="utf-8").splitlines()))
        return list(map(self._token, vocabulary))

    def _check_words(self, words: list[Any]) -> None:
        if len(set(words)) < len(words):
            seen: set[Any] = set()
            twice = next(word for word in words if word in seen or seen.add(word))
            raise UsageError(f"the vocabulary holds {twice!r} twice", hint="give each token once")
        if self.mask_token is not None and self.mask_token in words:
            what = f"the vocabulary holds the mask token {self.mask_token!r}"
            raise UsageError(what, hint="leave it out, or give all special tokens in front")
        if self.max_tokens is not None and len(words) + self._specials > self.max_tokens:
            what = f"max_tokens {self.max_tokens} for {len(words)} tokens and {self._specials} special ones"
            raise UsageError(what, hint="give more room")

    def _known(self) -> list[Any] | None:
        """The vocabulary's tokens, if it is there."""
        if self._given is not None:
            return self._given
        return self._statistics[0].value.tolist() if self._statistics else None

    def _vocabulary(self, x: Column) -> Column:
        """The vocabulary as a column: the one that is known, or what an analyzer will find."""
        if self._given is not None:
            statistic = Constant(self._as_array(self._given), self.name)
        elif self._statistics:
            statistic = self._statistics[0]
        else:
            return apply(self._analyzer(), x)
        dtype = "string" if isinstance(statistic.value, pa.Array) else str(statistic.value.dtype)
        return Column(Node(statistic, (), ColumnType(dtype, ragged=True), per_row=False))

    def _analyzer(self) -> Vocabulary:
        room = None if self.max_tokens is None else self.max_tokens - self._specials
        excluded = {str(token) for token in (self.mask_token, self.oov_token) if token is not None}
        scoring = Scoring(in_rows=self.output_mode == "tf_idf")
        return self._kind(room, 1, self.name, scoring=scoring, excluded_tokens=tuple(sorted(excluded)))

    def _index(self, x: Column) -> Column:
        place = self._place(x, self._vocabulary(x))
        unknown: Column | int = self._masks if self.num_oov_indices else -1
        if self.num_oov_indices > 1:
            unknown = self._bucket(x, self.num_oov_indices) + self._masks
        index = where(place < 0, unknown, place + self._specials)
        if self.mask_token is None:
            return index
        return where(x == self.mask_token, 0 if self._masks else -1, index)

    def _depth(self) -> int:
        if self.pad_to_max_tokens:
            assert self.max_tokens is not None
            return self.max_tokens
        return self.vocabulary_size()

    def _weights(self) -> np.ndarray:
        """The weight of each index, float32."""
        depth = max(self._depth(), self.vocabulary_size())
        weights = self._given_weights
        if weights is None:
            counts, documents = (statistic.value for statistic in self._statistics[1:])
            weights = self._with_specials(idf_weights(counts, float(documents), self.idf))
        return np.pad(weights, (0, depth - len(weights))).astype(np.float32)

    def _with_specials(self, weights: np.ndarray) -> np.ndarray:
        return np.concatenate([np.full(self._specials, weights.mean() if len(weights) else 0.0), weights])

    @property
    @abstractmethod
    def _kind(self) -> type[Vocabulary]:
        """The analyzer that finds a vocabulary of such tokens."""

    @abstractmethod
    def _token(self, token: Any) -> Token:
        """A token, from a vocabulary given or a line of a file."""

    @abstractmethod
    def _as_array(self, words: list[Any]) -> Any:
        """The tokens as a statistic."""

    @abstractmethod
    def _place(self, x: Column, words: Column) -> Column:
        """The place of each token among `words`, -1 if it is not there."""

    @abstractmethod
    def _bucket(self, x: Column, buckets: int) -> Column:
        """Which of the out-of-vocabulary indices an unknown token gets."""

    @abstractmethod
    def _tokens_at(self, index: Column) -> Column:
        """The token of each index."""
