"""How long strings are."""

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
    """The number of Unicode code points. ONNX knows no bytes, so these are what all runtimes can count."""

    dtype: ClassVar[str] = "int64"

    def evaluate_strings(self, strings: Any) -> Any:
        return pc.call_function("utf8_length", [strings]).to_numpy(zero_copy_only=False).astype(np.int64)

    def lower_strings(self, strings: Any) -> Any:
        # Only each text's last chunk is cut into characters: a table of all is as wide as the longest text.
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
    """The length of each string in Unicode code points, int64: "é" is one or two, as it is written."""
    return apply(StringLength(), x)
