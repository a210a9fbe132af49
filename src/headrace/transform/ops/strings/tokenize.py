"""Text to tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.graph.op import Op
from headrace.transform.ops.strings.byte_table import CUT, byte_table, split_strings
from headrace.transform.ops.strings.letter_case import Lower
from headrace.transform.tracing.column import Column, apply

__all__ = ["tokenize"]


@dataclass(frozen=True)
class Tokenize(Op):
    """The longest runs of token characters; A to Z in lower case, if `lowercase`.

    Token characters are ASCII. Runtimes disagree on lower-casing other letters (ONNX Runtime makes of 'İ' one
    thing in Python and another in a browser), so text is cut first, and only ASCII letters are lower-cased.
    """

    characters: str = "A-Za-z0-9'"
    lowercase: bool = True

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.is_string or x.ragged:
            raise TraceError(f"tokenize takes one string a row, and {x} came in", hint="pass a text column")
        if not _is_set(self.characters):
            raise TraceError(
                f"token characters {self.characters!r}",
                hint="use ASCII characters and ranges such as A-Za-z0-9, no brackets or carets",
            )
        return replace(x, ragged=True)

    def byte_table(self) -> np.ndarray:
        is_token = _is_token(self.characters)
        table = Lower().byte_table() if self.lowercase else byte_table({})
        return np.where(is_token, table, np.uint16(CUT))

    def evaluate(self, *values: Any) -> Any:
        return split_strings(values[0], self.byte_table())

    def lower(self, *values: Any) -> Any:
        import ndonnx as ndx

        from headrace.transform.ops.strings import onnx_text as text

        witness = chr(int(np.flatnonzero(_is_token(self.characters))[0]))
        tokens, lengths = text.flatten_tokens(text.tokenize(values[0], f"[{self.characters}]+", witness))
        tokens = text.lower_case(tokens) if self.lowercase else tokens
        return Ragged(text.drop_witness(tokens), ndx.cumulative_sum(lengths[:-1], include_initial=True))


def _is_set(characters: str) -> bool:
    """Whether `[characters]` is a set of printable ASCII characters to regular expressions everywhere."""
    if not re.fullmatch(r"[ -~]+", characters) or re.search(r"[\[\]\\^&~|]|--", characters):
        return False
    try:
        re.compile(f"[{characters}]")
    except re.error:
        return False
    return True


@cache
def _is_token(characters: str) -> np.ndarray:
    pattern = re.compile(f"[{characters}]")
    return np.array([byte < 128 and bool(pattern.match(chr(byte))) for byte in range(256)])


def tokenize(x: Column, *, characters: str = "A-Za-z0-9'", lowercase: bool = True) -> Column:
    """The tokens of each text, a ragged column of strings: the longest runs of `characters`.

    Args:
        x: A column of strings.
        characters: Printable ASCII characters and ranges, as between the brackets of a regular expression.
        lowercase: Whether A to Z become a to z.
    """
    return apply(Tokenize(characters, lowercase), x)
