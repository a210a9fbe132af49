"""How much a word tells about a label.

A row whose weight is NaN, infinite or not above 0 is left out, and missing words (empty strings) are none; a
row without words counts for the labels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headrace.columns import Ragged
from headrace.transform.analyzers.moments import MomentsAccumulator, Sum
from headrace.transform.analyzers.per_key import KeyedAccumulator, KeyedState
from headrace.transform.graph.analyzer import Accumulator
from headrace.transform.graph.serializable import Serializable
from headrace.transform.graph.state_bytes import Packed

__all__ = ["LabelledAccumulator", "MutualInformation"]

_BETWEEN = "\0"  # stands before the word: labels are digits


@dataclass(frozen=True)
class LabelledAccumulator(Accumulator):
    """The weight of rows that hold each word, by label; and of all rows by label.

    Columns: words (one or a list a row), weights if `weighted`, labels (whole numbers, one a row). A word
    counts once a row. The keys are label, zero byte, word, where no word stands for all rows.
    """

    weighted: bool = False
    of: KeyedAccumulator = field(default=KeyedAccumulator(MomentsAccumulator()), init=False, repr=False)

    def empty(self) -> KeyedState:
        return self.of.empty()

    def update(self, state: KeyedState, *values: Any) -> KeyedState:
        words, labels = values[0], np.asarray(values[-1])
        weights = np.asarray(values[1], np.float64) if self.weighted else np.ones(len(labels))
        weights = np.where((weights > 0) & np.isfinite(weights), weights, np.nan)
        names = pc.call_function("cast", [pa.array(labels.astype(np.int64))], pc.CastOptions(pa.string()))
        strings, rows = _once_a_row(words)
        keys = pa.concat_arrays([_joined(names.take(pa.array(rows)), strings), _joined(names, "")])
        return self.of.update(state, np.concatenate([weights[rows], weights]), keys)

    def merge(self, first: KeyedState, second: KeyedState) -> KeyedState:
        return self.of.merge(first, second)

    def pack(self, state: KeyedState) -> Sequence[Packed]:
        return self.of.pack(state)

    def unpack(self, arrays: Sequence[Any]) -> KeyedState:
        return self.of.unpack(arrays)

    def tables(self, state: KeyedState) -> tuple[pa.Array, np.ndarray, np.ndarray]:
        """The words; the weight of rows with each, [words, labels]; and of all rows, [labels]."""
        keys, stack = self.of.compact(state)
        sums = Sum().results(stack)
        split = pc.call_function("split_pattern", [keys], pc.SplitPatternOptions(_BETWEEN, max_splits=1))
        labels, words = (pc.call_function("list_element", [split, place]) for place in (0, 1))
        label_codes, word_codes = labels.dictionary_encode(), words.dictionary_encode()
        table = np.zeros((len(word_codes.dictionary), len(label_codes.dictionary)))
        table[word_codes.indices.to_numpy(), label_codes.indices.to_numpy()] = sums
        all_rows = pc.call_function("equal", [word_codes.dictionary, ""]).to_numpy(zero_copy_only=False)
        words_there = ~all_rows & (table.sum(axis=1) > 0)
        return (
            word_codes.dictionary.filter(pa.array(words_there)),
            table[words_there],
            table[all_rows].sum(axis=0),
        )


def _once_a_row(words: Any) -> tuple[pa.Array, np.ndarray]:
    """The words that are there, each once a row, and their rows."""
    strings = words.values if isinstance(words, Ragged) else words
    rows = np.arange(len(strings))
    if isinstance(words, Ragged):
        rows = np.repeat(np.arange(len(words.row_splits) - 1), np.diff(words.row_splits))
    encoded = strings.dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    _, first = np.unique(rows * max(len(encoded.dictionary), 1) + codes, return_index=True)
    present = pc.call_function("not_equal", [strings, ""]).to_numpy(zero_copy_only=False)
    first = first[present[first]]
    return strings.take(pa.array(first)), rows[first]


def _joined(labels: pa.Array, words: Any) -> pa.Array:
    return pc.call_function("binary_join_element_wise", [labels, words, _BETWEEN])


@dataclass(frozen=True)
class MutualInformation(Serializable):
    """The mutual information of "the row holds this word" with the label, times the rows' weight, in bits.

    sum over labels of n_ij * log2(n * n_ij / (x_i * y_j)), where x_i is the weight of rows with the word, y_j
    of rows with the label, n_ij of rows with both, and n of all: TF Transform's score of a word. Adjusted, it
    is less what chance would give, the expected value under the hypergeometric distribution (Vinh, Epps and
    Bailey 2009), without their division by entropies.

    Attributes:
        adjusted: Whether to take away what chance would give.
        min_diff: Labels for which n_ij is no farther than this from x_i * y_j / n add nothing; None is TF
            Transform's: 2 up to 10,000 rows, rising to 25 at a million.
    """

    adjusted: bool = False
    min_diff: float | None = None

    def scores(self, together: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """The score of each word.

        Args:
            together: n_ij, [words, labels].
            labels: y_j, [labels].
        """
        n, words = labels.sum(), together.sum(axis=1)
        least = self.least_difference(n) if self.min_diff is None else self.min_diff
        with np.errstate(all="ignore"):
            clipped = np.clip(together / words[:, None], 1e-6, 1 - 1e-6) * words[:, None]
            by_chance = np.outer(words, labels) / n
            bits = clipped * np.log2(clipped / by_chance)
        if self.adjusted:
            bits = bits - self._by_chance(words, labels, n)
        counts = (np.abs(by_chance - clipped) >= least) & (labels > 0)
        everywhere = np.round(words) >= np.round(n)
        return np.where(everywhere, 0.0, np.where(counts, bits, 0.0).sum(axis=1))

    @staticmethod
    def least_difference(rows: float) -> int:
        """TF Transform's default of `min_diff` for a data set of so many rows."""
        share = (rows - 10_000) / (1_000_000 - 10_000)
        return int(min(25, max(2, share * (25 - 2) + 2)))

    def _by_chance(self, words: np.ndarray, labels: np.ndarray, n: float) -> np.ndarray:
        """The expected bits of each word and label, [words, labels]."""
        expected = cache(lambda x, y: _expected_bits(round(n), x, y))
        rounded = [(round(x), [round(y) for y in labels.tolist()]) for x in words.tolist()]
        return np.array([[expected(x, y) for y in ys] for x, ys in rounded]).reshape(len(words), len(labels))


def _expected_bits(n: int, x: int, y: int) -> float:
    """The mean of k * log2(n * k / (x * y)) where k rows of x are among y of n, drawn at random."""
    if not x or not y:
        return 0.0
    k = np.arange(max(0, x + y - n), min(x, y) + 1)
    steps = [(x - k[:-1]) * (y - k[:-1]) / ((k[:-1] + 1.0) * (n - x - y + k[:-1] + 1.0))]
    start = _log_choose(x, int(k[0])) + _log_choose(n - x, y - int(k[0])) - _log_choose(n, y)
    chances = np.exp(start + np.concatenate([[0.0], np.cumsum(np.log(steps[0]))]))
    with np.errstate(all="ignore"):
        bits = np.where(k > 0, k * np.log2(n * k / (x * y)), 0.0)
    return float((bits * chances).sum() / chances.sum())


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
