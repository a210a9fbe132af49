"""Conversion of indices to the strings of a vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.graph.op import Op
from headrace.transform.tracing.column import Column, apply, strings

__all__ = ["string_at"]


@dataclass(frozen=True)
class StringAt(Op):
    """The string of the list at the index; `default` if the index is out of range."""

    arity = (2, 2)

    default: str = ""

    def infer(self, *types: ColumnType) -> ColumnType:
        index, words = types
        if not index.is_integer or index.dtype == "uint64" or index.shape or not words.is_string:
            raise TraceError(
                f"string_at expects integers and a list of strings, got {index} and {words}",
                hint="pass one integer per row, or lists of integers",
            )
        return replace(index, dtype="string")

    def evaluate(self, *values: Any) -> Any:
        index, words = values
        if isinstance(index, Ragged):
            return Ragged(self.evaluate(index.values, words), index.row_splits)
        there = (index >= 0) & (index < len(words))
        places = np.where(there, index, len(words)).astype(np.int64)
        return pa.concat_arrays([words, pa.array([self.default], pa.string())]).take(pa.array(places))

    def lower(self, *values: Any) -> Any:
        import ndonnx as ndx
        import spox.opset.ai.onnx.ml.v4 as ml

        index, words = values
        if isinstance(index, Ragged):
            return Ragged(self.lower(index.values, words), index.row_splits)
        # LabelEncoder needs at least one key.
        texts = words.to_pylist() or [self.default]
        whole = ndx.astype(index, ndx.int64).unwrap_spox()
        keys = list(range(len(texts)))
        return ndx.asarray(
            ml.label_encoder(whole, keys_int64s=keys, values_strings=texts, default_string=self.default)
        )


def string_at(index: Column, words: Column | Sequence[str], default_value: str = "") -> Column:
    """Look up the string of `words` at each index: the inverse of `apply_vocabulary`.

    Args:
        index: A column of integers, one per row or ragged.
        words: A vocabulary that `hr.transform.vocabulary` returned, or strings.
        default_value: The result for an index below 0, or not below the number of words.

    Returns:
        A column of strings, ragged if `index` is.
    """
    return apply(StringAt(default_value), index, words if isinstance(words, Column) else strings(words))
