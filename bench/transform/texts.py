"""Texts with the word frequencies of natural language, generated from a seed with NumPy alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

__all__ = ["BATCH", "TEXTS", "VOCABULARY", "Texts"]

BATCH, VOCABULARY = 4096, 20_000
_DISTINCT = 60_000
_LETTERS = np.array(list("etaoinshrdlucmfwygpb"))


@dataclass(frozen=True)
class Texts:
    """Texts of a hundred words.

    Attributes:
        count: Number of texts.
        words_each: Number of words per text.
    """

    count: int
    words_each: int = 100

    @property
    def tokens(self) -> int:
        """Number of words in all texts."""
        return self.count * self.words_each

    @cached_property
    def _words(self) -> list[str]:
        """Distinct words; rare words are longer."""
        rng = np.random.default_rng(0)
        sizes = np.clip(
            1 + np.log2(np.arange(2, _DISTINCT * 2)) / 2 + rng.integers(0, 4, _DISTINCT * 2 - 2), 2, 12
        )
        made = ("".join(rng.choice(_LETTERS, int(size))) for size in sizes)
        return list(dict.fromkeys(made))[:_DISTINCT]

    @cached_property
    def _indices(self) -> np.ndarray:
        """Indices of the words of each text, [count, words_each], with a Zipf distribution."""
        rng = np.random.default_rng(1)
        weights = 1 / np.arange(2, len(self._words) + 2)
        return np.searchsorted(np.cumsum(weights) / weights.sum(), rng.random((self.count, self.words_each)))

    def texts(self) -> list[str]:
        """Generate the texts, with an initial capital, commas and a full stop."""
        words = np.array(self._words, object)
        marked = np.array(
            [f"{word}," if i % 3 else f"({word})" for i, word in enumerate(self._words)], object
        )
        marks = np.random.default_rng(2).random(self._indices.shape) < 0.1
        chosen = np.where(marks, marked[self._indices], words[self._indices])
        return [f"{text[0].upper()}{text[1:]}." for text in map(" ".join, chosen)]

    @cached_property
    def counts(self) -> Counter[str]:
        """The count of each word."""
        found = np.bincount(self._indices.ravel(), minlength=len(self._words))
        return Counter({word: int(count) for word, count in zip(self._words, found, strict=True) if count})

    def vocabulary(self) -> list[str]:
        """List the most frequent words."""
        return [word for word, _ in self.counts.most_common(VOCABULARY)]

    def summarize(self, words: Sequence[str]) -> dict[str, float]:
        """Return values that identify the most frequent words in order, independent of the order of ties."""
        counts = np.array([self.counts[word] for word in words])
        return {"words": len(words), "counts": float(counts @ np.arange(1, len(counts) + 1))}


TEXTS = {"texts": Texts(100_000), "documents": Texts(10_000)}
