"""Splitting of text into words and their indices in a vocabulary, in one."""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import ColumnType, Ragged
from headrace.transform.graph.op import Op
from headrace.transform.ops.strings.split_text import SplitText
from headrace.transform.ops.vocabularies.apply_vocabulary import ApplyVocabulary

__all__ = ["IndexText"]

_MOST_PIECES, _MOST_VARIED = 2**14, 2**12


@dataclass(frozen=True)
class IndexText(Op):
    """`ApplyVocabulary` of `SplitText`, counted from `first`; lowering fuses them, see `fuse_text`."""

    arity = (2, 2)

    kept: str
    dropped: str = ""
    beyond: str = "cut"
    case: str = ""
    oov_buckets: int = 0
    default: int = -1
    first: int = 0

    @property
    def _split(self) -> SplitText:
        return SplitText(self.kept, self.dropped, self.beyond, self.case)

    @property
    def _look_up(self) -> ApplyVocabulary:
        return ApplyVocabulary(self.oov_buckets, self.default - self.first)

    def infer(self, *types: ColumnType) -> ColumnType:
        text, vocabulary = types
        return self._look_up.infer(self._split.infer(text), vocabulary)

    def evaluate(self, *values: Any) -> Any:
        """See `Op.evaluate`: applies the two ops in turn."""
        text, vocabulary = values
        index = self._look_up.evaluate(self._split.evaluate(text), vocabulary)
        return Ragged(index.values + np.int64(self.first), index.row_splits)

    def lower(self, *values: Any) -> Any:
        """See `Op.lower`: looks up whole pieces of text first, since most are words as they stand."""
        from headrace.transform.ops.strings.lowering import index_tokens

        text, vocabulary = values
        look_up = self._look_up
        return index_tokens(
            text,
            self._split.patterns(),
            self._find_shortcuts(vocabulary),
            lambda words: look_up.lower(words, vocabulary) + np.int64(self.first),
        )

    def _find_shortcuts(self, vocabulary: pa.StringArray) -> dict[str, int | None]:
        """Compute the indices of pieces that a text is likely to consist of; None for those without a word.

        A vocabulary is in the order of frequency, if it was computed from data.
        """
        words = vocabulary.slice(0, _MOST_PIECES).to_pylist()
        varied = [spelling for word in words[:_MOST_VARIED] for spelling in _vary(word)]
        marks = [f"{first}{second}" for first in string.punctuation for second in ("", ".", ",", '"', "-")]
        pieces = pa.array(dict.fromkeys([*words, *varied, *marks, "\n"]), pa.string())
        found = self._split.evaluate(pieces)
        index = ApplyVocabulary().evaluate(found.values, vocabulary)
        shortcuts: dict[str, int | None] = {}
        for piece, start, count in zip(
            pieces.to_pylist(), found.row_splits.tolist(), np.diff(found.row_splits).tolist(), strict=False
        ):
            if not count:
                shortcuts[piece] = None
            elif count == 1 and index[start] >= 0 and " " not in piece:
                shortcuts[piece] = int(index[start]) + self.first
        return shortcuts


def _vary(word: str) -> list[str]:
    """Spell a word as at the start or end of a sentence, a line or brackets, and with an apostrophe."""
    around = ("{},", "{}.", "\n{}", "({}", "{})", '"{}', '{}"', "{}'s")
    inside = (f"{word[:-1]}'{word[-1:]}", f"{word[:-2]}'{word[-2:]}")
    return [word.capitalize(), *(each.format(word) for each in around), *inside]
