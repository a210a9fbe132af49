"""Lengths of strings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow.compute as pc

from headrace.transform.ops.strings.per_string import PerString
from headrace.transform.tracing.column import Column, apply

__all__ = ["string_length"]

_CHUNK = 64
_ANY = r"[\x{0}-\x{10ffff}]"


@dataclass(frozen=True)
class StringLength(PerString):
    """The number of Unicode code points; ONNX cannot access the bytes of a string."""

    arity = (1, 1)

    dtype: ClassVar[str] = "int64"

    def evaluate_strings(self, strings: Any) -> Any:
        return pc.call_function("utf8_length", [strings]).to_numpy(zero_copy_only=False).astype(np.int64)

    def lower_strings(self, strings: Any) -> Any:
        # Only the last chunk of each text is split into characters: the array of all characters would be as
        # wide as the longest text.
        import ndonnx as ndx

        from headrace.transform.ops.strings import onnx_text as text

        chunks = text.tokenize(strings, f"{_ANY}{{1,{_CHUNK}}}", witness="a")
        count = ndx.sum(ndx.astype(chunks != "", ndx.int64), axis=1)
        before = ndx.maximum(count - np.int64(1), ndx.asarray(np.int64(0)))
        last = ndx.take_along_axis(chunks, ndx.expand_dims(before, axis=1), axis=1)
        characters = text.tokenize(ndx.reshape(last, (-1,)), _ANY, witness="a")[:-1, :]
        rest = ndx.sum(ndx.astype(characters != "", ndx.int64), axis=1)
        return (before * np.int64(_CHUNK) + rest)[:-1]


def string_length(x: Column) -> Column:
    """Count the Unicode code points of each string: int64.

    "é" counts as one or two, depending on its normalisation form.
    """
    return apply(StringLength(), x)
