"""Vocabularies: the distinct strings of a column, by decreasing score.

Missing values (empty strings) are ignored, and strings whose weight is NaN, infinite or not above 0. Without
strings, a vocabulary contains its reserved tokens only.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headrace.arguments import check_integer, check_number
from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.analyzers.mutual_information import MutualInformation
from headrace.transform.analyzers.numeric_input import check_weights
from headrace.transform.analyzers.scoring import Scoring
from headrace.transform.graph.analyzer import Accumulator, Analyzer
from headrace.transform.ops.strings.arrow_buffers import sort_by_bytes
from headrace.transform.tracing.column import Column, apply

__all__ = ["Vocabulary", "approximate_vocabulary", "vocabulary"]


@dataclass(frozen=True)
class Vocabulary(Analyzer):
    """The distinct strings by decreasing score, ties in byte order.

    Attributes:
        top_k: The largest number of strings, or None for all.
        frequency_threshold: The lowest score of a string.
        label: The name of the vocabulary in the frozen transform.
        reserved_tokens: Strings at the front, whether they occur or not.
        order: "score"; "value" for byte order; or "fingerprint" for the order of SHA-1 digests.
        scoring: The score of a string.
        excluded_tokens: Strings to ignore, as missing values are.
    """

    name = "vocabulary"
    top_k: int | None = None
    frequency_threshold: float = 1
    label: str = ""
    reserved_tokens: tuple[str, ...] = ()
    order: str = "score"
    scoring: Scoring = field(default=Scoring(), repr=False)
    excluded_tokens: tuple[str, ...] = ()

    @property
    def accumulator(self) -> Accumulator:
        return self.scoring.accumulator

    def check_parameters(self) -> None:
        """Check the parameters.

        Raises:
            TraceError: `top_k` leaves no place for strings, a reserved token occurs twice, or the threshold
                is NaN.
        """
        reserved = self.reserved_tokens
        least = max(1, len(reserved))
        if self.top_k is not None and self.top_k < least:
            place = " for the reserved tokens" if reserved else ""
            what = f"top_k is {self.top_k}, expected at least {least}{place}"
            raise TraceError(what, hint="pass a larger number, or None for all strings")
        if len(set(reserved)) < len(reserved):
            raise TraceError(f"expected distinct reserved tokens, got {reserved}", hint="remove repetitions")
        if math.isnan(self.frequency_threshold):
            raise TraceError("frequency_threshold is NaN", hint="pass a number")

    def infer(self, *types: ColumnType) -> ColumnType:
        self.check_parameters()
        x, *others = types
        if not x.is_string:
            raise TraceError(f"vocabulary expects strings, got {x}", hint="use bucketize for numbers")
        if self.scoring.information is not None:
            labels = others.pop()
            if labels.shape or labels.ragged or not (labels.is_integer or labels.dtype == "bool"):
                raise TraceError(f"expected one integer label per row, got {labels}", hint="bucketize floats")
            others = [] if others and not (others[0].shape or others[0].ragged) else others
        for weights in others:
            check_weights(x, weights)
        return ColumnType("string", ragged=True)

    def result(self, state: Any) -> Any:
        return self.select(state)["value"].combine_chunks()

    def candidates(self, state: Any) -> pa.Table:
        """Compute the scores of all strings that are not excluded: columns `value`, `score`, `rows`."""
        table = self.scoring.score_table(state)
        return _exclude(table, pa.array(self.excluded_tokens, table["value"].type))

    def select(self, state: Any) -> pa.Table:
        """Select the strings of the vocabulary, in its order: columns `value`, `score`, `rows`."""
        table = self.candidates(state)
        table = table.filter(pc.call_function("greater_equal", [table["score"], self.frequency_threshold]))
        reserved = pa.array(self.reserved_tokens, pa.string()).cast(table["value"].type)
        others = _exclude(table, reserved)
        others = _sort_by_score(others, None if self.top_k is None else max(self.top_k - len(reserved), 0))
        return pa.concat_tables([self._reserved(reserved, table), self._sort(others)])

    def _reserved(self, reserved: pa.Array, table: pa.Table) -> pa.Table:
        """Look up the scores of the reserved strings; 0 for strings that do not occur."""
        if not len(reserved):
            return table.slice(0, 0)
        places = pc.call_function(
            "index_in", [reserved], pc.SetLookupOptions(table["value"].combine_chunks())
        )
        found = table.take(places)
        known = {name: found[name].fill_null(0) for name in ("score", "rows")}
        return pa.table({"value": reserved, **known}, schema=table.schema)

    def _sort(self, table: pa.Table) -> pa.Table:
        if self.order == "value":
            return _sort_by_value(table)
        if self.order == "fingerprint":
            digests = [hashlib.sha1(word.encode()).digest() for word in table["value"].to_pylist()]
            return table.take(pa.array(sorted(range(len(digests)), key=digests.__getitem__), pa.int64()))
        return table


def _exclude(table: pa.Table, words: pa.Array) -> pa.Table:
    if not len(words):
        return table
    found = pc.call_function("is_in", [table["value"]], pc.SetLookupOptions(words))
    return table.filter(pc.call_function("invert", [found]))


def _sort_by_score(table: pa.Table, count: int | None) -> pa.Table:
    """Sort strings by decreasing score, ties by value; with a `count`, sort only those that may be kept."""
    if count is not None and 0 < count < table.num_rows:
        scores = table["score"].to_numpy()
        table = table.filter(pa.array(scores >= np.partition(scores, -count)[-count]))
    table = _sort_by_value(table)
    order = np.argsort(-table["score"].to_numpy(), kind="stable")
    return table.take(pa.array(order[:count]))


def _sort_by_value(table: pa.Table) -> pa.Table:
    """Sort strings in byte order, or integers by size."""
    if pa.types.is_string(table["value"].type):
        return sort_by_bytes(table, "value")
    return table.sort_by("value")


def vocabulary(
    x: Column,
    *,
    top_k: int | None = None,
    frequency_threshold: float = 1,
    vocab_filename: str | None = None,
    reserved_tokens: Sequence[str] = (),
    weights: Column | None = None,
    labels: Column | None = None,
    use_adjusted_mutual_info: bool = False,
    min_diff_from_avg: float | None = None,
    fingerprint_shuffle: bool = False,
) -> Column:
    """Compute the vocabulary of a column: its distinct strings by decreasing count, ties in byte order.

    It is exact, so the analysis keeps every distinct string in memory. Missing (empty) strings are ignored.
    `vocabulary_frequencies` returns the counts.

    Args:
        x: A column of strings, ragged or not.
        top_k: The largest number of strings, reserved tokens included.
        frequency_threshold: The lowest count of a string; with weights or labels, the lowest score.
        vocab_filename: The name in `Transform.vocabularies` and in the saved transform; by default the
            column's expression, such as "tokenize(text)".
        reserved_tokens: Strings at the front, whether they occur or not.
        weights: Numbers, one per row or string; strings are ranked by the sum of their weights.
        labels: Integers, one per row; strings are ranked by their mutual information with the labels (see
            `MutualInformation`). A string counts once per row.
        use_adjusted_mutual_info: Subtract the expected mutual information of independent labels.
        min_diff_from_avg: See `MutualInformation.min_diff`.
        fingerprint_shuffle: Order the strings by their SHA-1 digests instead of their counts.

    Returns:
        The strings, a statistic for `apply_vocabulary`.

    Example:
        >>> import headrace as hr, pyarrow as pa
        >>> batch = pa.record_batch({"word": ["b", "a", "b", "c"]})
        >>> transform = hr.transform.analyze(
        ...     lambda x: {
        ...         "i": hr.transform.apply_vocabulary(x["word"], hr.transform.vocabulary(x["word"], top_k=2))
        ...     },
        ...     [batch],
        ... )
        >>> transform.vocabularies["word"], transform(batch)["i"].to_pylist()
        (['b', 'a'], [0, 1, 0, -1])
    """
    if min_diff_from_avg is not None:
        check_number(min_diff_from_avg, "min_diff_from_avg", least=0)
    if weights is None and labels is None:
        check_number(frequency_threshold, "frequency_threshold", least=0)
    information = None if labels is None else MutualInformation(use_adjusted_mutual_info, min_diff_from_avg)
    scoring = Scoring(weights is not None, information)
    name = vocab_filename if vocab_filename is not None else str(x.node)
    order = "fingerprint" if fingerprint_shuffle else "score"
    what = Vocabulary(top_k, frequency_threshold, name, tuple(reserved_tokens), order, scoring)
    return apply(what, *(column for column in (x, weights, labels) if column is not None))


def approximate_vocabulary(
    x: Column, top_k: int, *, vocab_filename: str | None = None, reserved_tokens: Sequence[str] = ()
) -> Column:
    """Compute the `top_k` most frequent strings approximately, in bounded memory.

    Counts of max(10 * `top_k`, 10,000) strings are kept. Of n strings, a count is too low by at most n
    divided by that number, and no string that occurs more often than that is lost; see `CountsAccumulator`.

    The other arguments are those of `vocabulary`.
    """
    check_integer(top_k, "top_k", 1, 2**40)
    scoring = Scoring(capacity=max(10 * top_k, 10_000))
    name = vocab_filename if vocab_filename is not None else str(x.node)
    return apply(Vocabulary(top_k, 1, name, tuple(reserved_tokens), scoring=scoring), x)
