"""Conversion of strings to their indices in a vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.arguments import check_integer
from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.graph.op import Op
from headrace.transform.ops.strings.arrow_buffers import get_buffers
from headrace.transform.ops.strings.hash_strings import HashStrings
from headrace.transform.ops.vocabularies.word_index import get_word_index
from headrace.transform.tracing.column import Column, apply, strings

__all__ = ["apply_vocabulary"]


@dataclass(frozen=True)
class ApplyVocabulary(Op):
    """The index of a string in the vocabulary.

    A string outside the vocabulary has the index vocabulary size + hash_strings(x, oov_buckets), or `default`
    if `oov_buckets` is 0.
    """

    arity = (2, 2)

    per_string = True
    oov_buckets: int = 0
    default: int = -1

    def infer(self, *types: ColumnType) -> ColumnType:
        x, vocabulary = types
        if not x.is_string or not vocabulary.is_string:
            raise TraceError(
                f"apply_vocabulary expects strings, got {x}", hint="use bucketize or index_of for numbers"
            )
        if not 0 <= self.oov_buckets < 2**31:
            raise TraceError(
                f"expected 0 to 2**31 - 1 buckets, got {self.oov_buckets}",
                hint="choose a number in that range",
            )
        return replace(x, dtype="int64")

    def evaluate(self, *values: Any) -> Any:
        x, vocabulary = values
        if isinstance(x, Ragged):
            return Ragged(self.evaluate(x.values, vocabulary), x.row_splits)
        found = get_word_index(vocabulary).find(*get_buffers(x))
        if not self.oov_buckets:
            return np.where(found < 0, np.int64(self.default), found)
        unknown = np.flatnonzero(found < 0)
        hashed = HashStrings(self.oov_buckets).evaluate(x.take(pa.array(unknown)))
        found[unknown] = len(vocabulary) + hashed
        return found

    def lower(self, *values: Any) -> Any:
        import ndonnx as ndx
        import spox.opset.ai.onnx.ml.v4 as ml

        x, vocabulary = values
        if isinstance(x, Ragged):
            return Ragged(self.lower(x.values, vocabulary), x.row_splits)
        # LabelEncoder needs at least one key. The index -1 of the dummy key means "not in the vocabulary".
        words = vocabulary.to_pylist() or [""]
        places = list(range(len(vocabulary))) or [-1]
        encoded = ml.label_encoder(
            x.unwrap_spox(), keys_strings=words, values_int64s=places, default_int64=-1
        )
        found = ndx.asarray(encoded)
        if not self.oov_buckets:
            other = ndx.asarray(np.int64(self.default))
        else:
            other = HashStrings(self.oov_buckets).lower(x) + np.int64(len(vocabulary))
        return ndx.where(found < np.int64(0), other, found)


def apply_vocabulary(
    x: Column, vocabulary: Column | Sequence[str], *, num_oov_buckets: int = 0, default_value: int = -1
) -> Column:
    """Look up the index of each string in `vocabulary`: int64.

    Args:
        x: A column of strings, ragged or not.
        vocabulary: A vocabulary that `hr.transform.vocabulary` returned, or distinct strings.
        num_oov_buckets: The number of indices after the vocabulary over which strings outside it are hashed.
        default_value: The index of strings outside the vocabulary if `num_oov_buckets` is 0.

    Raises:
        TraceError: `x` does not hold strings, or `vocabulary` contains a string twice.

    Example:
        >>> import headrace as hr, pyarrow as pa
        >>> batch = pa.record_batch({"size": ["small", "large", "huge"]})
        >>> indices = hr.transform.analyze(
        ...     lambda x: {"i": hr.transform.apply_vocabulary(x["size"], ["small", "large"])}, [batch]
        ... )
        >>> indices(batch)["i"].to_pylist()
        [0, 1, -1]
    """
    default_value = check_integer(default_value, "default_value", -(2**63))
    words = vocabulary if isinstance(vocabulary, Column) else _distinct_strings(vocabulary)
    return apply(ApplyVocabulary(num_oov_buckets, default_value), x, words)


def _distinct_strings(words: Sequence[str]) -> Column:
    column = strings(words)
    if len(set(words)) < len(words):
        raise TraceError(
            "expected distinct strings, got a vocabulary with a string twice", hint="remove repetitions"
        )
    return column
