"""The base class of StringLookup and IntegerLookup: lookup of tokens in a vocabulary, and the inverse."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.arguments import check_choice, check_flag, check_integer
from headrace.columns import ColumnType
from headrace.errors import ModelError, UsageError
from headrace.layers.idf import FORMULAS, idf_weights
from headrace.layers.layer import PreprocessingLayer
from headrace.layers.output_mode import MODES, check_mode, encode
from headrace.tables import to_array
from headrace.transform import count_vector, lookup, row_length, size, to_lists, where
from headrace.transform.analyzers import Frequencies, Scoring, Vocabulary
from headrace.transform.graph import Constant, Node
from headrace.transform.tracing import Column, apply, cast_to, constant
from headrace.transform.vocabulary_files import VocabularyFile, read_vocabulary_file

__all__ = ["IndexLookup"]

Token = str | int


class IndexLookup(PreprocessingLayer):
    """Looks up the index of each token in a vocabulary.

    Index 0 is the mask, if there is one and the mode is "int". The out-of-vocabulary indices follow, then the
    tokens of the vocabulary by decreasing count; ties are ordered by increasing value (in Keras by decreasing
    value). In other modes the mask has no index.

    The size of vectors depends on the vocabulary. In modes other than "int" the layer must therefore be
    adapted before a `preprocess` function uses it, unless vectors are padded to `max_tokens`; in "tf_idf" it
    must always be adapted first.
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
        self.max_tokens = None if max_tokens is None else check_integer(max_tokens, "max_tokens", 1)
        self.num_oov_indices = check_integer(num_oov_indices, "num_oov_indices")
        self.mask_token, self.oov_token, self.invert = mask_token, oov_token, check_flag(invert, "invert")
        self.output_mode = check_mode(output_mode, (*MODES, "tf_idf"))
        self.pad_to_max_tokens = check_flag(pad_to_max_tokens, "pad_to_max_tokens")
        self.idf = check_choice(idf, "idf", FORMULAS)
        self._num_masks = int(mask_token is not None and output_mode == "int")
        self._num_special = self._num_masks + self.num_oov_indices
        self._fixed_tokens: list[Token] | None = None
        self._fixed_weights: np.ndarray | None = None
        self._check_arguments()
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)
        elif idf_weights is not None:
            raise UsageError("idf_weights require a vocabulary", hint="pass both, or adapt the layer")

    def _check_arguments(self) -> None:
        if self.max_tokens is not None and self.max_tokens <= self._num_special:
            what = f"max_tokens {self.max_tokens} has no room for a vocabulary"
            raise UsageError(what, hint=f"pass more than {self._num_special}")
        if self.pad_to_max_tokens and self.max_tokens is None:
            raise UsageError("pad_to_max_tokens requires max_tokens", hint="pass both")
        if self.invert and self.output_mode != "int":
            raise UsageError(f"invert does not apply to mode {self.output_mode}", hint='choose mode "int"')

    def call(self, x: Column) -> Column:
        """See the class."""
        if self.invert:
            return self._lookup_tokens(x)
        indices = self._lookup_indices(x)
        if self.output_mode == "int":
            return indices
        if self.output_mode == "tf_idf":
            weights = self._weights()
            return count_vector(indices, len(weights)) * constant(weights)
        return encode(indices, self._depth(), self.output_mode)

    def learn(self, x: Column) -> Column:
        """Look up tokens in the analyzed vocabulary; in mode "tf_idf", compute document frequencies.

        Raises:
            UsageError: The vocabulary is fixed.
        """
        if self._fixed_tokens is not None:
            hint = "adapt a layer created without a vocabulary"
            raise UsageError(f"the layer '{self.name}' has a fixed vocabulary", hint=hint)
        vocabulary = self._analyzer()
        positions = self._find(x, apply(vocabulary, x))
        if self.output_mode != "tf_idf":
            return positions
        documents = size(row_length(x if x.type.ragged else to_lists(x)))
        counts = cast_to(apply(Frequencies(vocabulary, "rows"), x), "float64")
        return lookup(positions, counts) / documents

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """Return the token of each index.

        Args:
            include_special_tokens: Whether to include the mask and out-of-vocabulary tokens at the start.

        Raises:
            UsageError: The layer has no vocabulary yet.
        """
        tokens = self._tokens()
        if tokens is None:
            raise UsageError(f"the layer '{self.name}' has no vocabulary yet", hint="adapt it first")
        return [*self._special_tokens(), *tokens] if include_special_tokens else tokens

    def vocabulary_size(self) -> int:
        """Return the number of indices."""
        return len(self.get_vocabulary())

    def set_vocabulary(
        self, vocabulary: Sequence[Token] | str | PathLike[str], idf_weights: Sequence[float] | None = None
    ) -> None:
        """Set a fixed vocabulary instead of adapting one.

        Args:
            vocabulary: Distinct tokens, with or without the special tokens at the start; or the path of a
                UTF-8 text file with one token per line; see `read_vocabulary_file`.
            idf_weights: In mode "tf_idf", a weight per token of `vocabulary`. The weight of out-of-vocabulary
                indices that are not in it is the mean.

        Raises:
            UsageError: The file cannot be read, a token is of another type, there are duplicates or more
                tokens than `max_tokens`, or `idf_weights` do not match.
        """
        if isinstance(vocabulary, str | PathLike):
            file = read_vocabulary_file(vocabulary)
            tokens = self._parse_tokens(file.tokens, file)
        else:
            is_list = isinstance(vocabulary, list | tuple)
            given = vocabulary if is_list else to_array(vocabulary).to_pylist()
            file, tokens = None, self._parse_tokens(given, None)
        special = self._special_tokens()
        has_special = bool(special) and tokens[: len(special)] == special
        words = tokens[len(special) :] if has_special else tokens
        self._check_tokens(words, file, len(tokens) - len(words))
        if (idf_weights is None) == (self.output_mode == "tf_idf"):
            what = f"mode {self.output_mode} {'requires' if idf_weights is None else 'has no'} idf_weights"
            raise UsageError(what, hint='pass idf_weights in mode "tf_idf" only')
        self._fixed_tokens, self._fixed_weights = words, None
        if idf_weights is not None:
            weights = np.asarray(idf_weights, np.float64)
            if weights.shape != (len(tokens),):
                what = f"expected {len(tokens):,} idf_weights, got shape {list(weights.shape)}"
                raise UsageError(what, hint="pass one weight per token")
            self._fixed_weights = weights if has_special else self._add_special_weights(weights)
        self._set_statistics([])

    def vocabulary_state(self) -> Mapping[str, Any]:
        """Return the fixed vocabulary and its weights, and the special tokens before a vocabulary."""
        if self._tokens() is None:
            return {}
        weights = None if self._fixed_weights is None else self._fixed_weights.tolist()
        return {"special": self._special_tokens(), "tokens": self._fixed_tokens, "idf_weights": weights}

    def load_vocabulary_state(self, stored: Mapping[str, Any]) -> None:
        """See `PreprocessingLayer`; the vocabulary may have any size that the arguments allow."""
        special, tokens, weights = (stored.get(key) for key in ("special", "tokens", "idf_weights"))
        if special != self._special_tokens():
            what = f"expected the special tokens {self._special_tokens()}, got {special!r:.100}"
            hint = "build the layer with the same mask_token, oov_token and num_oov_indices"
            raise ModelError(what, hint=hint)
        self._fixed_tokens = None if tokens is None else self._parse_tokens(tokens, None)
        self._fixed_weights = None if weights is None else np.asarray(weights, np.float64)
        self._check_tokens(self._tokens() or [], None, 0)
        if self.output_mode == "tf_idf" and self._fixed_weights is None and len(self._statistics) < 3:
            what = "expected a vocabulary with idf weights, got one without"
            raise ModelError(what, hint='load the state of a layer in mode "tf_idf"')

    def _special_tokens(self) -> list[Any]:
        return [self.mask_token] * self._num_masks + [self.oov_token] * self.num_oov_indices

    def _parse_tokens(self, tokens: Iterable[Any], file: VocabularyFile | None) -> list[Any]:
        parsed: list[Any] = []
        for index, token in enumerate(tokens):
            try:
                parsed.append(self._parse_token(token))
            except UsageError as error:
                raise error if file is None else file.error(error.what, index, str(error.hint)) from error
        return parsed

    def _check_tokens(self, tokens: list[Any], file: VocabularyFile | None, first: int) -> None:
        if len(set(tokens)) < len(tokens):
            seen: set[Any] = set()
            index = next(index for index, token in enumerate(tokens) if token in seen or seen.add(token))
            what, hint = f"the vocabulary contains {tokens[index]!r} twice", "pass each token once"
            raise UsageError(what, hint=hint) if file is None else file.error(what, first + index, hint)
        if self.mask_token is not None and self.mask_token in tokens:
            what = f"the vocabulary contains the mask token {self.mask_token!r}"
            raise UsageError(what, hint="omit it, or pass all special tokens at the start")
        if self.max_tokens is not None and len(tokens) + self._num_special > self.max_tokens:
            total = f"{len(tokens)} tokens and {self._num_special} special tokens"
            what = f"{total} exceed max_tokens {self.max_tokens}"
            raise UsageError(what, hint="increase max_tokens")

    def _tokens(self) -> list[Any] | None:
        """Return the tokens of the vocabulary; None before the layer is adapted."""
        if self._fixed_tokens is not None:
            return self._fixed_tokens
        return self._statistics[0].value.tolist() if self._statistics else None

    def _vocabulary(self, x: Column) -> Column:
        """Return the vocabulary as a column: the fixed or adapted one, or the result of an analyzer."""
        if self._fixed_tokens is not None:
            statistic = Constant(self._to_array(self._fixed_tokens), self.name)
        elif self._statistics:
            statistic = self._statistics[0]
        else:
            return apply(self._analyzer(), x)
        dtype = "string" if isinstance(statistic.value, pa.Array) else str(statistic.value.dtype)
        return Column(Node(statistic, (), ColumnType(dtype, ragged=True), per_row=False))

    def _analyzer(self) -> Vocabulary:
        top_k = None if self.max_tokens is None else self.max_tokens - self._num_special
        excluded = {str(token) for token in (self.mask_token, self.oov_token) if token is not None}
        scoring = Scoring(in_rows=self.output_mode == "tf_idf")
        return self._analyzer_type(
            top_k, 1, self.name, scoring=scoring, excluded_tokens=tuple(sorted(excluded))
        )

    def _lookup_indices(self, x: Column) -> Column:
        positions = self._find(x, self._vocabulary(x))
        unknown: Column | int = self._num_masks if self.num_oov_indices else -1
        if self.num_oov_indices > 1:
            unknown = self._oov_bucket(x, self.num_oov_indices) + self._num_masks
        indices = where(positions < 0, unknown, positions + self._num_special)
        if self.mask_token is None:
            return indices
        return where(x == self.mask_token, 0 if self._num_masks else -1, indices)

    def _depth(self) -> int:
        if self.pad_to_max_tokens:
            assert self.max_tokens is not None
            return self.max_tokens
        return self.vocabulary_size()

    def _weights(self) -> np.ndarray:
        """Return the weight of each index, float32."""
        depth = max(self._depth(), self.vocabulary_size())
        weights = self._fixed_weights
        if weights is None:
            counts, documents = (statistic.value for statistic in self._statistics[1:])
            weights = self._add_special_weights(idf_weights(counts, float(documents), self.idf))
        return np.pad(weights, (0, depth - len(weights))).astype(np.float32)

    def _add_special_weights(self, weights: np.ndarray) -> np.ndarray:
        mean = weights.mean() if len(weights) else 0.0
        return np.concatenate([np.full(self._num_special, mean), weights])

    @property
    @abstractmethod
    def _analyzer_type(self) -> type[Vocabulary]:
        """The analyzer of a vocabulary of such tokens."""

    @abstractmethod
    def _parse_token(self, token: Any) -> Token:
        """Check a token of a vocabulary, or parse a line of a file."""

    @abstractmethod
    def _to_array(self, words: list[Any]) -> Any:
        """Convert tokens to the value of a statistic."""

    @abstractmethod
    def _find(self, x: Column, words: Column) -> Column:
        """Find the position of each token in `words`; -1 if it is missing."""

    @abstractmethod
    def _oov_bucket(self, x: Column, buckets: int) -> Column:
        """Select one of the out-of-vocabulary indices for each unknown token."""

    @abstractmethod
    def _lookup_tokens(self, indices: Column) -> Column:
        """Look up the token of each index."""
