"""Vectorization of text: standardization, splitting into tokens, lookup."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os import PathLike

from headrace.arguments import check_integer, check_no_tokenizer, show_value
from headrace.errors import UsageError
from headrace.layers.output_mode import check_mode
from headrace.layers.string_lookup import StringLookup
from headrace.transform import (
    join_lists,
    lower,
    ngrams,
    strip_punctuation,
    to_dense,
    tokenize_characters,
    tokenize_whitespace,
)
from headrace.transform.tracing import Column

__all__ = ["TextVectorization"]

Step = Callable[[Column], Column]

STANDARDIZE: dict[str | None, Step] = {
    "lower_and_strip_punctuation": lambda x: strip_punctuation(lower(x)),
    "lower": lower,
    "strip_punctuation": strip_punctuation,
    None: lambda x: x,
}
SPLIT: dict[str | None, Step] = {
    "whitespace": tokenize_whitespace,
    "character": tokenize_characters,
    None: lambda x: x,
}


class TextVectorization(StringLookup):
    """Standardizes texts, splits them into tokens and looks these up, like `keras.layers.TextVectorization`.

    Index 0 is padding, 1 is unknown tokens (0 in vectors), followed by the vocabulary in the order of
    `IndexLookup`. As in Keras, only A to Z are lower-cased, punctuation is ASCII punctuation, and tokens are
    separated by ASCII white space. In mode "int" rows are lists of any length, as with Keras's `ragged=True`,
    unless `output_sequence_length` is set: Keras pads to the longest row of a batch, which is unknown for a
    single row.

    Args:
        max_tokens: Maximum number of indices, including the special ones; None for no limit.
        standardize: "lower_and_strip_punctuation", "lower", "strip_punctuation", None, or a function of a
            column of `hr.transform`.
        split: "whitespace", "character" (Unicode code points), None, or a function from a column to lists of
            strings.
        ngrams: Maximum length of n-grams, or a tuple of their exact lengths; None for single tokens.
        output_mode: "int", "multi_hot", "count" or "tf_idf"; see `StringLookup`.
        output_sequence_length: Length of the rows in mode "int": longer rows are truncated, shorter rows
            padded with 0.
        pad_to_max_tokens: See `StringLookup`.
        vocabulary: See `StringLookup`.
        idf_weights: See `StringLookup`.
        idf: See `StringLookup`.
        name: See `PreprocessingLayer`.

    Raises:
        UsageError: An argument is unknown, or a tokenizer of another library, which no ONNX file can hold; or
            arguments contradict each other.

    Example:
        >>> from headrace.layers import TextVectorization
        >>> layer = TextVectorization(output_sequence_length=4)
        >>> layer.adapt(["Foo, bar!", "bar baz", "baz bada boom"])([" foo QUX bar", "..."])
        array([[6, 1, 2, 0],
               [0, 0, 0, 0]])
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: str | Step | None = "lower_and_strip_punctuation",
        split: str | Step | None = "whitespace",
        ngrams: int | tuple[int, ...] | None = None,
        output_mode: str = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Sequence[str] | str | PathLike[str] | None = None,
        idf_weights: Sequence[float] | None = None,
        idf: str = "keras",
        name: str | None = None,
    ) -> None:
        check_mode(output_mode, ("int", "multi_hot", "count", "tf_idf"))
        if output_sequence_length is not None and output_mode != "int":
            what = f"output_sequence_length does not apply to mode {output_mode}"
            raise UsageError(what, hint='choose mode "int"')
        super().__init__(
            max_tokens, 1, "", vocabulary=vocabulary, idf_weights=idf_weights, output_mode=output_mode,
            pad_to_max_tokens=pad_to_max_tokens, idf=idf, name=name,
        )  # fmt: skip
        self.standardize = _check_step("standardize", standardize, STANDARDIZE)
        self.split = _check_step("split", split, SPLIT)
        if ngrams is not None and not isinstance(ngrams, tuple | list):
            ngrams = tuple(range(1, check_integer(ngrams, "ngrams", 1, 100) + 1))
        elif ngrams is not None:
            ngrams = tuple(check_integer(each, "ngrams", 1, 100) for each in ngrams)
            if not ngrams or len(set(ngrams)) < len(ngrams):
                what = f"ngrams: expected distinct lengths, got {show_value(ngrams)}"
                raise UsageError(what, hint="name each length once, or pass the largest")
        self._ngram_lengths = ngrams
        if output_sequence_length is not None:
            output_sequence_length = check_integer(output_sequence_length, "output_sequence_length", 1)
        self.output_sequence_length = output_sequence_length

    def call(self, x: Column) -> Column:
        """See the class."""
        indices = super().call(self._tokenize(x))
        length = self.output_sequence_length
        return indices if length is None else to_dense(indices, length)

    def learn(self, x: Column) -> Column:
        """See `IndexLookup.learn`."""
        return super().learn(self._tokenize(x))

    def _tokenize(self, x: Column) -> Column:
        tokens = _find_step(self.split, SPLIT)(_find_step(self.standardize, STANDARDIZE)(x))
        if self._ngram_lengths is None:
            return tokens
        return join_lists([ngrams(tokens, (length, length)) for length in self._ngram_lengths])


def _check_step(argument: str, step: str | Step | None, known: dict[str | None, Step]) -> str | Step | None:
    check_no_tokenizer(step, argument)
    if not callable(step) and not (isinstance(step, str | None) and step in known):  # pyright: ignore[reportUnnecessaryIsInstance]
        hint = f"choose {', '.join(map(str, known))} or a function"
        raise UsageError(f"unknown {argument} {step!r}", hint=hint)
    return step


def _find_step(step: str | Step | None, known: dict[str | None, Step]) -> Step:
    return step if callable(step) else known[step]
