"""N-grams of lists of tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.graph.op import Op
from headrace.transform.tracing.column import Column, apply

__all__ = ["ngrams"]


@dataclass(frozen=True)
class Ngrams(Op):
    """All runs of `least` to `most` tokens of a list, joined by `separator`: by first token, then length."""

    arity = (1, 1)

    least: int
    most: int
    separator: str = " "

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.is_string or not x.ragged:
            raise TraceError(f"ngrams expects lists of strings, got {x}", hint="tokenize the text first")
        if not 1 <= self.least <= self.most <= 100:
            raise TraceError(
                f"expected n-grams of 1 to 100 tokens, got a range of {self.least} to {self.most}",
                hint="give the smaller length first",
            )
        return x

    def evaluate(self, *values: Any) -> Any:
        (x,) = values
        total = len(x.values)
        ends = np.repeat(x.row_splits[1:], np.diff(x.row_splits))
        at = np.arange(total)
        padded = pa.concat_arrays([x.values, pa.array([""] * self.most, x.values.type)])
        runs, run = [], x.values
        for length in range(1, self.most + 1):
            if length > 1:
                run = _join(run, padded.slice(length - 1, total), self.separator)
            runs.append(run)
        fits = np.stack([at + length <= ends for length in self._lengths], axis=1)
        places = (at[:, None] + np.arange(len(self._lengths)) * total)[fits]
        all_runs = pa.chunked_array(runs[self.least - 1 :], x.values.type).combine_chunks()
        counts = np.concatenate([[0], np.cumsum(fits.sum(axis=1))])
        return Ragged(all_runs.take(pa.array(places)), counts[x.row_splits].astype(np.int64))

    def lower(self, *values: Any) -> Any:
        import ndonnx as ndx

        from headrace.transform.ops.lists import onnx_ragged as ragged
        from headrace.transform.ops.strings import onnx_text as text

        (x,) = values
        at = ragged.positions(x.values)
        ends = ndx.take(x.row_splits[1:], ragged.row_ids(x.values, x.row_splits))
        separator = ndx.asarray(np.array([self.separator]))
        if self.least == self.most:  # copies each token as often as n-grams hold it, and no more
            fits = at + np.int64(self.most) <= ends
            (first,) = ndx.nonzero(fits)
            run = ndx.take(x.values, first)
            for after in range(1, self.most):
                following = ndx.take(x.values, first + np.int64(after))
                run = text.concat(text.concat(run, separator), following)
            counts = ndx.cumulative_sum(ndx.astype(fits, ndx.int64), include_initial=True)
            return Ragged(run, ndx.take(counts, x.row_splits))
        padded = ndx.concat([x.values, ndx.asarray(np.array([""] * self.most))])
        runs = [x.values]
        for length in range(2, self.most + 1):
            following = ndx.take(padded, at + np.int64(length - 1))
            runs.append(text.concat(text.concat(runs[-1], separator), following))
        columns = [ndx.expand_dims(run, axis=1) for run in runs[self.least - 1 :]]
        fits = ndx.stack([at + np.int64(length) <= ends for length in self._lengths], axis=1)
        keep = ndx.reshape(fits, (-1,))
        counts = ndx.cumulative_sum(ndx.sum(ndx.astype(fits, ndx.int64), axis=1), include_initial=True)
        kept = ragged.compress(ndx.reshape(ndx.concat(columns, axis=1), (-1,)), keep)
        return Ragged(kept, ndx.take(counts, x.row_splits))

    @property
    def _lengths(self) -> range:
        return range(self.least, self.most + 1)


def _join(first: Any, second: Any, separator: str) -> Any:
    return pc.call_function("binary_join_element_wise", [first, second, pa.scalar(separator)])


def ngrams(tokens: Column, ngram_range: tuple[int, int], separator: str = " ") -> Column:
    """Compute the n-grams of each row's tokens, for every n in the range, both ends included.

    `["a", "b", "c"]` with the range (1, 2) becomes `["a", "a b", "b", "b c", "c"]`, as in TF Transform.

    Args:
        tokens: A ragged column of strings.
        ngram_range: The smallest and the largest number of tokens, from 1 to 100.
        separator: The text between two tokens.

    Returns:
        A ragged column of strings.
    """
    return apply(Ngrams(*ngram_range, separator), tokens)
