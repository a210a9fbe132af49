"""Substrings by position."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.ops.strings.per_string import PerString
from headrace.transform.tracing.column import Column, apply

__all__ = ["substring"]

_ANY = r"[\x{0}-\x{10ffff}]"
_MOST = 1000  # the limit of repeats in a regular expression of ONNX Runtime


@dataclass(frozen=True)
class Substring(PerString):
    """The code points of a string from `start` to `start + length`, or fewer at its end."""

    arity = (1, 1)

    start: int
    length: int

    def infer(self, *types: ColumnType) -> ColumnType:
        if self.start < 0 or self.length < 1 or self.start + self.length > _MOST:
            raise TraceError(
                f"expected a start from 0 and a length from 1, together at most {_MOST:,}, got"
                f" {self.start} and {self.length}",
                hint="choose a shorter substring",
            )
        return super().infer(*types)

    def evaluate_strings(self, strings: Any) -> Any:
        options = pc.SliceOptions(self.start, self.start + self.length)
        return pc.call_function("utf8_slice_codeunits", [strings], options)

    def lower_strings(self, strings: Any) -> Any:
        from headrace.transform.ops.strings import onnx_text as text

        end = self.start + self.length
        strings = text.drop_witness(text.tokenize(strings, f"^{_ANY}{{1,{end}}}", witness="a")[:, 0])
        if not self.start:
            return strings
        # Of chunks of `start` characters, the first is to be dropped.
        chunks = text.tokenize(strings, f"{_ANY}{{1,{self.start}}}", witness="a" * end)
        return text.drop_witness(text.join_tokens(chunks[:, 1:]))


def substring(x: Column, start: int, length: int) -> Column:
    """Extract `length` characters (Unicode code points) of each string, from position `start`.

    Shorter strings yield fewer characters. Positions count from 0 at the front; `start` + `length` is at most
    1,000.
    """
    return apply(Substring(start, length), x)
