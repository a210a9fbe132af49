"""The distinct strings of a column, the most frequent first.

What is missing (the empty string) is left out: it is in no vocabulary and counts for nothing. So is a string
whose weight is NaN, infinite or not above 0. Of no strings, a vocabulary is empty but for reserved tokens.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

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
    """The distinct strings by falling score, ties by value in byte order.

    Attributes:
        top_k: Keep only so many.
        frequency_threshold: Keep only those with at least such a score.
        label: The name under which the frozen transform keeps it.
        reserved_tokens: Strings that come first, whether they occur or not.
        order: "score"; "value", byte order; or "fingerprint", the order of SHA-1 digests.
        scoring: What the score is.
        excluded_tokens: Strings that are left out, as missing ones are.
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

    def infer(self, *types: ColumnType) -> ColumnType:
        x, *others = types
        if not x.is_string:
            raise TraceError(f"a vocabulary is of strings, and {x} came in", hint="use bucketize for numbers")
        if self.scoring.information is not None:
            labels = others.pop()
            if labels.shape or labels.ragged or not (labels.is_integer or labels.dtype == "bool"):
                raise TraceError(f"labels of {labels}", hint="give one whole number a row; bucketize numbers")
            others = [] if others and not (others[0].shape or others[0].ragged) else others
        for weights in others:
            check_weights(x, weights)
        return ColumnType("string", ragged=True)

    def result(self, state: Any) -> Any:
        return self.select(state)["value"].combine_chunks()

    def table(self, state: Any) -> pa.Table:
        """All that may be in the vocabulary, with `score` and `rows`."""
        table = self.scoring.table(state)
        return _without(table, pa.array(self.excluded_tokens, table["value"].type))

    def select(self, state: Any) -> pa.Table:
        """The strings in the vocabulary in their order, with `score` and `rows`."""
        table = self.table(state)
        table = table.filter(pc.call_function("greater_equal", [table["score"], self.frequency_threshold]))
        reserved = pa.array(self.reserved_tokens, pa.string()).cast(table["value"].type)
        others = _without(table, reserved)
        others = _highest(others, None if self.top_k is None else max(self.top_k - len(reserved), 0))
        return pa.concat_tables([self._first(reserved, table), self._ordered(others)])

    def _first(self, reserved: pa.Array, table: pa.Table) -> pa.Table:
        """The reserved strings with what is known of them."""
        if not len(reserved):
            return table.slice(0, 0)
        places = pc.call_function(
            "index_in", [reserved], pc.SetLookupOptions(table["value"].combine_chunks())
        )
        found = table.take(places)
        known = {name: found[name].fill_null(0) for name in ("score", "rows")}
        return pa.table({"value": reserved, **known}, schema=table.schema)

    def _ordered(self, table: pa.Table) -> pa.Table:
        if self.order == "value":
            return _by_value(table)
        if self.order == "fingerprint":
            digests = [hashlib.sha1(word.encode()).digest() for word in table["value"].to_pylist()]
            return table.take(pa.array(sorted(range(len(digests)), key=digests.__getitem__), pa.int64()))
        return table


def _without(table: pa.Table, words: pa.Array) -> pa.Table:
    if not len(words):
        return table
    found = pc.call_function("is_in", [table["value"]], pc.SetLookupOptions(words))
    return table.filter(pc.call_function("invert", [found]))


def _highest(table: pa.Table, count: int | None) -> pa.Table:
    """The strings by falling score, ties by value; all, or so many, sorting no more than need be."""
    if count is not None and 0 < count < table.num_rows:
        scores = table["score"].to_numpy()
        table = table.filter(pa.array(scores >= np.partition(scores, -count)[-count]))
    table = _by_value(table)
    falling = np.argsort(-table["score"].to_numpy(), kind="stable")
    return table.take(pa.array(falling[:count]))


def _by_value(table: pa.Table) -> pa.Table:
    """The strings in byte order, or the integers by size."""
    return (
        sort_by_bytes(table, "value") if pa.types.is_string(table["value"].type) else table.sort_by("value")
    )


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
    """The distinct strings of a column, by falling count, ties by value; missing (empty) strings left out.

    It is exact: analysis takes memory for every distinct string. `vocabulary_frequencies` gives the counts.

    Args:
        x: A column of strings, ragged or not.
        top_k: Keep only the first so many.
        frequency_threshold: Keep only strings that occur at least so often; with weights or labels, whose
            score is at least so high.
        vocab_filename: Its name in `Transform.vocabularies` and in the saved transform; by default the
            column's expression, such as "tokenize(text)".
        reserved_tokens: Strings that come first, whether they occur or not; they count for `top_k`.
        weights: Numbers, one a row or one a string; strings go by the sum of theirs.
        labels: Whole numbers, one a row; strings go by their mutual information with them, see
            `MutualInformation`; a string counts once a row.
        use_adjusted_mutual_info: Take away the information that chance would give.
        min_diff_from_avg: See `MutualInformation.min_diff`.
        fingerprint_shuffle: Order the strings by their SHA-1 digests, not by frequency.
    """
    information = None if labels is None else MutualInformation(use_adjusted_mutual_info, min_diff_from_avg)
    scoring = Scoring(weights is not None, information)
    name = vocab_filename if vocab_filename is not None else str(x.node)
    order = "fingerprint" if fingerprint_shuffle else "score"
    what = Vocabulary(top_k, frequency_threshold, name, tuple(reserved_tokens), order, scoring)
    return apply(what, *(column for column in (x, weights, labels) if column is not None))


def approximate_vocabulary(
    x: Column, top_k: int, *, vocab_filename: str | None = None, reserved_tokens: Sequence[str] = ()
) -> Column:
    """The `top_k` most frequent strings, approximately, in memory that does not grow with their number.

    Counts of max(10 * `top_k`, 10,000) strings are kept. Of n strings, a count is too low by at most n over
    that number, and no string that occurs more often than that is lost; see `CountsAccumulator`.

    Other arguments as for `vocabulary`.
    """
    scoring = Scoring(capacity=max(10 * top_k, 10_000))
    name = vocab_filename if vocab_filename is not None else str(x.node)
    return apply(Vocabulary(top_k, 1, name, tuple(reserved_tokens), scoring=scoring), x)
