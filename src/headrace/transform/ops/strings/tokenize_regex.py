"""Text to tokens by a regular expression, at white space, or character by character."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.graph.op import Op
from headrace.transform.ops.strings.byte_table import CUT, byte_table, ranges_to_bytes, split_strings
from headrace.transform.ops.strings.portable_regex import Pattern, parse
from headrace.transform.tracing.column import Column, apply

__all__ = ["tokenize_characters", "tokenize_regex", "tokenize_whitespace"]

_CHUNK = 64
_ANY = r"[\x{0}-\x{10ffff}]"


@dataclass(frozen=True)
class TokenizeRegex(Op):
    """All matches of `pattern`, from the left and not overlapping."""

    pattern: str

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.is_string or x.ragged:
            raise TraceError(
                f"{self.name} takes one string a row, and {x} came in", hint="pass a text column"
            )
        parse(self.pattern)
        return replace(x, ragged=True)

    def byte_table(self) -> np.ndarray | None:
        pattern = parse(self.pattern)
        kept = ranges_to_bytes(pattern.first) if pattern.is_run else None
        return None if kept is None else byte_table(dict.fromkeys(set(range(256)).difference(kept), CUT))

    def evaluate(self, *values: Any) -> Any:
        (x,) = values
        pattern = parse(self.pattern)
        table = self.byte_table()
        if table is not None:
            return split_strings(x, table)
        found = [pattern.python.findall(text) for text in x.to_pylist()]
        lengths = np.fromiter(map(len, found), np.int64, len(found))
        return Ragged(pa.array(chain.from_iterable(found), pa.string()), _splits(lengths))

    def lower(self, *values: Any) -> Any:
        import ndonnx as ndx

        from headrace.transform.ops.strings import onnx_text as text

        (x,) = values
        pattern = parse(self.pattern)
        witness = _shortest(pattern)
        if not pattern.is_character:
            tokens, lengths = text.flatten_tokens(text.tokenize(x, pattern.re2, witness))
            return Ragged(text.drop_witness(tokens), ndx.cumulative_sum(lengths[:-1], include_initial=True))
        # In chunks first: a table of all rows' characters would be as wide as the longest row.
        chunks, per_row = text.flatten_tokens(text.tokenize(x, f"{_ANY}{{1,{_CHUNK}}}", witness))
        tokens, per_chunk = text.flatten_tokens(
            text.tokenize(text.drop_witness(chunks), pattern.re2, witness)
        )
        ends = ndx.cumulative_sum(per_chunk[:-1], include_initial=True)
        chunk_splits = ndx.cumulative_sum(per_row[:-1], include_initial=True)
        return Ragged(text.drop_witness(tokens), ndx.take(ends, chunk_splits))


def _shortest(pattern: Pattern) -> str:
    """A text that matches."""
    return "".join(chr(_sound(piece.ranges[0])) * piece.min_count for piece in pattern.pieces)


def _sound(limits: tuple[int, int]) -> int:
    """A character of a range, NUL left out if there is another: C would end a string there."""
    return limits[0] or min(1, limits[1])


def _splits(lengths: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def tokenize_regex(x: Column, pattern: str) -> Column:
    r"""All matches of `pattern` in each text, a ragged column of strings.

    Args:
        x: A column of strings.
        pattern: As in `regex_replace`: `\w+`, `[^,]+`, `#[a-z0-9]+`.
    """
    return apply(TokenizeRegex(pattern), x)


def tokenize_whitespace(x: Column) -> Column:
    """The words of each text: what stands between ASCII white space, as Keras's and TensorFlow's `split`."""
    return tokenize_regex(x, r"\S+")


def tokenize_characters(x: Column) -> Column:
    """The characters (Unicode code points) of each text, a ragged column of strings."""
    return tokenize_regex(x, r"[\s\S]")
