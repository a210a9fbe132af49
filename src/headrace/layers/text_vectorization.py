"""Text to indices of its words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os import PathLike

from headrace.errors import UsageError
from headrace.layers.output_mode import checked_mode
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
    """Texts standardised, split into tokens, and these looked up, as `keras.layers.TextVectorization`.

    Index 0 stands for no token, 1 for unknown ones (in vectors 0), then comes the vocabulary, in the order of
    `IndexLookup`. As in Keras, only A to Z are lower-cased, punctuation is that of ASCII, and tokens stand
    between ASCII white space. In mode "int" rows are lists of any length, as with Keras's `ragged=True`,
    unless `output_sequence_length` says how long: Keras pads to the longest of a batch, which a row alone
    cannot know.

    Args:
        max_tokens: The most indices there are, the special ones counted; None: no limit.
        standardize: "lower_and_strip_punctuation", "lower", "strip_punctuation", None, or a function of a
            column of `hr.transform`.
        split: "whitespace", "character" (Unicode code points), None, or a function of a column that gives
            lists of strings.
        ngrams: Tokens and their neighbours: runs of up to so many, or of exactly the lengths in a tuple.
        output_mode: "int", "multi_hot", "count" or "tf_idf"; see `StringLookup`.
        output_sequence_length: In mode "int", how many indices a row has: longer ones cut, shorter ones
            filled up with 0.
        pad_to_max_tokens: As `StringLookup`.
        vocabulary: As `StringLookup`.
        idf_weights: As `StringLookup`.
        idf: As `StringLookup`.
        name: See `PreprocessingLayer`.

    Raises:
        UsageError: Arguments that are none of these, or do not go together.

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
        checked_mode(output_mode, ("int", "multi_hot", "count", "tf_idf"))
        if output_sequence_length is not None and output_mode != "int":
            raise UsageError(f"output_sequence_length in mode {output_mode}", hint='choose mode "int"')
        super().__init__(
            max_tokens, 1, "", vocabulary=vocabulary, idf_weights=idf_weights, output_mode=output_mode,
            pad_to_max_tokens=pad_to_max_tokens, idf=idf, name=name,
        )  # fmt: skip
        self._standardize = _step("standardize", standardize, STANDARDIZE)
        self._split = _step("split", split, SPLIT)
        self._lengths = tuple(range(1, ngrams + 1)) if isinstance(ngrams, int) else ngrams
        self.output_sequence_length = output_sequence_length

    def call(self, x: Column) -> Column:
        """See the class."""
        found = super().call(self._tokens(x))
        return found if self.output_sequence_length is None else to_dense(found, self.output_sequence_length)

    def learn(self, x: Column) -> Column:
        """See `IndexLookup.learn`."""
        return super().learn(self._tokens(x))

    def _tokens(self, x: Column) -> Column:
        tokens = self._split(self._standardize(x))
        if self._lengths is None:
            return tokens
        return join_lists([ngrams(tokens, (length, length)) for length in self._lengths])


def _step(name: str, what: str | Step | None, known: dict[str | None, Step]) -> Step:
    if callable(what):
        return what
    if what not in known:
        raise UsageError(f"{name} {what!r}", hint=f"choose {', '.join(map(str, known))} or a function")
    return known[what]
