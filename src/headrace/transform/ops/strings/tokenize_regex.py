"""Split text into tokens by a regular expression, at white space, or into characters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.graph.op import Op
from headrace.transform.ops.strings.byte_table import CUT, make_byte_table, ranges_to_bytes, split_strings
from headrace.transform.ops.strings.portable_regex import Pattern, parse
from headrace.transform.tracing.column import Column, apply

__all__ = ["tokenize_characters", "tokenize_regex", "tokenize_whitespace"]

_CHUNK = 64
_ANY = r"[\x{0}-\x{10ffff}]"


@dataclass(frozen=True)
class TokenizeRegex(Op):
    """All matches of `pattern`, from the left, without overlaps."""

    arity = (1, 1)

    pattern: str

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.is_string or x.ragged:
            raise TraceError(f"{self.name} expects one string per row, got {x}", hint="pass a column of text")
        parse(self.pattern)
        return replace(x, ragged=True)

    def byte_table(self) -> np.ndarray | None:
        pattern = parse(self.pattern)
        kept = ranges_to_bytes(pattern.first) if pattern.is_run else None
        return None if kept is None else make_byte_table(dict.fromkeys(set(range(256)).difference(kept), CUT))

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
        witness = _shortest_match(pattern)
        if not pattern.is_character:
            tokens, lengths = text.flatten_tokens(text.tokenize(x, pattern.re2, witness))
            return Ragged(text.drop_witness(tokens), ndx.cumulative_sum(lengths[:-1], include_initial=True))
        # In chunks first: the array of all characters would be as wide as the longest row.
        chunks, per_row = text.flatten_tokens(text.tokenize(x, f"{_ANY}{{1,{_CHUNK}}}", witness))
        tokens, per_chunk = text.flatten_tokens(
            text.tokenize(text.drop_witness(chunks), pattern.re2, witness)
        )
        ends = ndx.cumulative_sum(per_chunk[:-1], include_initial=True)
        chunk_splits = ndx.cumulative_sum(per_row[:-1], include_initial=True)
        return Ragged(text.drop_witness(tokens), ndx.take(ends, chunk_splits))


def _shortest_match(pattern: Pattern) -> str:
    """Return a shortest text that matches."""
    return "".join(chr(_pick_character(piece.ranges[0])) * piece.min_count for piece in pattern.pieces)


def _pick_character(limits: tuple[int, int]) -> int:
    """Pick a character of a range; not NUL, which ends a string in C, unless there is only NUL."""
    return limits[0] or min(1, limits[1])


def _splits(lengths: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def tokenize_regex(x: Column, pattern: str) -> Column:
    r"""Split each text into tokens: all matches of `pattern`.

    Args:
        x: A column of strings, one per row.
        pattern: As in `regex_replace`, such as `\w+`, `[^,]+` or `#[a-z0-9]+`.

    Returns:
        A ragged column of strings.
    """
    return apply(TokenizeRegex(pattern), x)


def tokenize_whitespace(x: Column) -> Column:
    """Split each text at ASCII white space, as `tf.strings.split` and Keras's TextVectorization do.

    Returns:
        A ragged column of strings.
    """
    return tokenize_regex(x, r"\S+")


def tokenize_characters(x: Column) -> Column:
    """Split each text into its characters (Unicode code points).

    Returns:
        A ragged column of strings.
    """
    return tokenize_regex(x, r"[\s\S]")
