"""Strings to their place in a vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.graph.op import Op
from headrace.transform.ops.strings.arrow_buffers import string_buffers
from headrace.transform.ops.strings.hash_strings import HashStrings
from headrace.transform.ops.vocabularies.word_index import word_index
from headrace.transform.tracing.column import Column, apply, strings

__all__ = ["apply_vocabulary"]


@dataclass(frozen=True)
class ApplyVocabulary(Op):
    """The string's index in the vocabulary.

    A string that is not in it: vocabulary size + hash_strings(x, oov_buckets), or `default` if there are no
    such buckets.
    """

    per_string = True
    oov_buckets: int = 0
    default: int = -1

    def infer(self, *types: ColumnType) -> ColumnType:
        x, vocabulary = types
        if not x.is_string or not vocabulary.is_string:
            raise TraceError(
                f"apply_vocabulary takes strings, and {x} came in", hint="use bucketize for numbers"
            )
        if not 0 <= self.oov_buckets < 2**31:
            raise TraceError(f"{self.oov_buckets} buckets", hint="choose a number from 0 to 2**31 - 1")
        return replace(x, dtype="int64")

    def evaluate(self, *values: Any) -> Any:
        x, vocabulary = values
        if isinstance(x, Ragged):
            return Ragged(self.evaluate(x.values, vocabulary), x.row_splits)
        found = word_index(vocabulary).find(*string_buffers(x))
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
        # LabelEncoder wants at least one key; no string is both missing and in the vocabulary.
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
    """The index of each string in `vocabulary`, int64.

    Args:
        x: A column of strings, ragged or not.
        vocabulary: What `hr.transform.vocabulary` gave, or strings, each once.
        num_oov_buckets: Strings outside the vocabulary are spread by hash over so many indices behind it.
        default_value: The index of strings outside the vocabulary where there are no such buckets.
    """
    words = vocabulary if isinstance(vocabulary, Column) else _distinct(vocabulary)
    return apply(ApplyVocabulary(num_oov_buckets, default_value), x, words)


def _distinct(words: Sequence[str]) -> Column:
    if len(set(words)) < len(words):
        raise TraceError("a vocabulary with a string twice", hint="leave out repetitions")
    return strings(words)
