"""Texts with the words' frequencies of natural language, made from a seed with NumPy alone."""

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
    """Texts of some hundred words.

    Attributes:
        count: How many there are.
        words_each: How many words each has.
    """

    count: int
    words_each: int = 100

    @property
    def tokens(self) -> int:
        """How many words there are in all."""
        return self.count * self.words_each

    @cached_property
    def _words(self) -> list[str]:
        """Distinct words; seldom ones are longer."""
        rng = np.random.default_rng(0)
        sizes = np.clip(
            1 + np.log2(np.arange(2, _DISTINCT * 2)) / 2 + rng.integers(0, 4, _DISTINCT * 2 - 2), 2, 12
        )
        made = ("".join(rng.choice(_LETTERS, int(size))) for size in sizes)
        return list(dict.fromkeys(made))[:_DISTINCT]

    @cached_property
    def _places(self) -> np.ndarray:
        """Which word stands where, [count, words_each]: frequencies as Zipf found them."""
        rng = np.random.default_rng(1)
        weights = 1 / np.arange(2, len(self._words) + 2)
        return np.searchsorted(np.cumsum(weights) / weights.sum(), rng.random((self.count, self.words_each)))

    def texts(self) -> list[str]:
        """The texts: a capital at the beginning, commas, a full stop."""
        words = np.array(self._words, object)
        marked = np.array(
            [f"{word}," if i % 3 else f"({word})" for i, word in enumerate(self._words)], object
        )
        marks = np.random.default_rng(2).random(self._places.shape) < 0.1
        chosen = np.where(marks, marked[self._places], words[self._places])
        return [f"{text[0].upper()}{text[1:]}." for text in map(" ".join, chosen)]

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each word occurs."""
        found = np.bincount(self._places.ravel(), minlength=len(self._words))
        return Counter({word: int(count) for word, count in zip(self._words, found, strict=True) if count})

    def vocabulary(self) -> list[str]:
        """The most frequent words."""
        return [word for word, _ in self.counts.most_common(VOCABULARY)]

    def judged(self, words: Sequence[str]) -> dict[str, float]:
        """What shows whether these are the most frequent words in order; ties may be in any."""
        counts = np.array([self.counts[word] for word in words])
        return {"words": len(words), "counts": float(counts @ np.arange(1, len(counts) + 1))}


TEXTS = {"texts": Texts(100_000), "documents": Texts(10_000)}
