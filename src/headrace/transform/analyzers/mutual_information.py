"""Mutual information between the words of a row and its label.

Rows whose weight is NaN, infinite or not above 0 are ignored, and missing words (empty strings). A row
without words counts for the labels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
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

_BETWEEN = "\0"  # between label and word; labels are digits
_BLOCK = 1 << 20  # pairs of a word and a label in memory at a time


@dataclass(frozen=True)
class LabelledAccumulator(Accumulator):
    """The total weight of the rows that contain each word, by label, and of all rows by label.

    Its columns are the words (one per row, or lists), the weights if `weighted`, and the labels (integers,
    one per row). A word counts once per row. A key is label, zero byte, word; the empty word stands for all
    rows.
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
        strings, rows = _distinct_per_row(words)
        keys = pa.concat_arrays([_join(names.take(pa.array(rows)), strings), _join(names, "")])
        return self.of.update(state, np.concatenate([weights[rows], weights]), keys)

    def merge(self, first: KeyedState, second: KeyedState) -> KeyedState:
        return self.of.merge(first, second)

    def pack(self, state: KeyedState) -> Sequence[Packed]:
        return self.of.pack(state)

    def unpack(self, arrays: Sequence[Any]) -> KeyedState:
        return self.of.unpack(arrays)

    def blocks(self, state: KeyedState) -> Iterator[tuple[pa.Array, np.ndarray, np.ndarray]]:
        """Yield words, the weight of the rows with each [words, labels], and of all rows [labels].

        Most words do not occur with most labels, so the table of all words and labels would be far larger
        than the state. A block has as many words as make a table of some megabytes.
        """
        keys, stack = self.of.sort(state)
        sums = Sum().results(stack)
        split = pc.call_function("split_pattern", [keys], pc.SplitPatternOptions(_BETWEEN, max_splits=1))
        labels, words = (
            pc.call_function("list_element", [split, place]).dictionary_encode() for place in (0, 1)
        )
        label_codes, word_codes = labels.indices.to_numpy(), words.indices.to_numpy()
        is_word = pc.call_function("not_equal", [words.dictionary, ""]).to_numpy(zero_copy_only=False)
        totals = np.zeros(len(labels.dictionary))
        of_rows = np.flatnonzero(~is_word[word_codes])
        totals[label_codes[of_rows]] = sums[of_rows]
        order = np.argsort(word_codes, kind="stable")
        size = max(_BLOCK // max(len(totals), 1), 1)
        for start in range(0, len(is_word), size):
            block = words.dictionary.slice(start, size)
            first, last = np.searchsorted(word_codes, [start, start + len(block)], sorter=order)
            pairs = order[first:last]
            table = np.zeros((len(block), len(totals)))
            table[word_codes[pairs] - start, label_codes[pairs]] = sums[pairs]
            found = is_word[start : start + size] & (table.sum(axis=1) > 0)
            yield block.filter(pa.array(found)), table[found], totals


def _distinct_per_row(words: Any) -> tuple[pa.Array, np.ndarray]:
    """Return the distinct words of each row and their row numbers; missing words are ignored."""
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


def _join(labels: pa.Array, words: Any) -> pa.Array:
    return pc.call_function("binary_join_element_wise", [labels, words, _BETWEEN])


@dataclass(frozen=True)
class MutualInformation(Serializable):
    """The mutual information of "the row contains this word" and the label, times the total weight, in bits.

    It is TF Transform's score of a word i: the sum over labels j of n_ij * log2(n * n_ij / (x_i * y_j)),
    where x_i is the weight of the rows with the word, y_j of the rows with the label, n_ij of the rows with
    both, and n of all rows. The adjusted score subtracts its expected value under the hypergeometric
    distribution (Vinh, Epps and Bailey 2009; without their division by entropies).

    Attributes:
        adjusted: Subtract the expected value.
        min_diff: Labels whose n_ij differs from x_i * y_j / n by less than this contribute 0. None is TF
            Transform's default: 2 up to 10,000 rows, increasing to 25 at a million.
    """

    adjusted: bool = False
    min_diff: float | None = None

    def scores(self, together: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Compute the score of each word: float64 [words].

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
            bits = bits - self._expected_scores(words, labels, n)
        counts = (np.abs(by_chance - clipped) >= least) & (labels > 0)
        everywhere = np.round(words) >= np.round(n)
        return np.where(everywhere, 0.0, np.where(counts, bits, 0.0).sum(axis=1))

    @staticmethod
    def least_difference(rows: float) -> int:
        """Compute TF Transform's default of `min_diff` for a number of rows."""
        share = (rows - 10_000) / (1_000_000 - 10_000)
        return int(min(25, max(2, share * (25 - 2) + 2)))

    def _expected_scores(self, words: np.ndarray, labels: np.ndarray, n: float) -> np.ndarray:
        """Compute the expected bits of each word and label, [words, labels]."""
        columns = [round(y) for y in labels.tolist()]
        rows = [[_expected_bits(round(n), round(x), y) for y in columns] for x in words.tolist()]
        return np.array(rows).reshape(len(words), len(labels))


@lru_cache(maxsize=1 << 16)
def _expected_bits(n: int, x: int, y: int) -> float:
    """Compute the mean of k * log2(n * k / (x * y)), where k of x rows are among y rows drawn from n."""
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
