"""Split text into tokens: runs of token characters."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from headrace.columns import ColumnType, Ragged
from headrace.errors import TraceError
from headrace.transform.graph.op import Op
from headrace.transform.ops.strings.byte_table import CUT, make_byte_table, split_strings
from headrace.transform.ops.strings.letter_case import Lower
from headrace.transform.tracing.column import Column, apply

__all__ = ["tokenize"]


@dataclass(frozen=True)
class Tokenize(Op):
    """The longest runs of token characters; A to Z in lower case if `lowercase`.

    Token characters are ASCII. Runtimes disagree on the lower case of other letters (ONNX Runtime converts
    'İ' differently in Python and in a browser), so text is tokenised first, and only ASCII is lower-cased.
    """

    arity = (1, 1)

    characters: str = "A-Za-z0-9'"
    lowercase: bool = True

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.is_string or x.ragged:
            raise TraceError(f"tokenize expects one string per row, got {x}", hint="pass a column of text")
        if not _is_set(self.characters):
            raise TraceError(
                f"expected ASCII characters and ranges, got {self.characters!r}",
                hint="write A-Za-z0-9, for example, without brackets and carets",
            )
        return replace(x, ragged=True)

    def byte_table(self) -> np.ndarray:
        is_token = _is_token(self.characters)
        table = Lower().byte_table() if self.lowercase else make_byte_table({})
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
    """Test whether all engines read `[characters]` as a set of printable ASCII characters."""
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
    """Split each text into tokens, the longest runs of `characters`.

    Args:
        x: A column of strings, one per row.
        characters: Printable ASCII characters and ranges, as in the brackets of a regular expression.
        lowercase: Convert A to Z to lower case.

    Returns:
        A ragged column of strings.

    Raises:
        TraceError: `x` does not hold one string per row, or `characters` is not such a set.

    Example:
        >>> import headrace as hr, pyarrow as pa
        >>> batch = pa.record_batch({"text": ["The cat, the mat.", ""]})
        >>> tokens = hr.transform.analyze(lambda x: {"tokens": hr.transform.tokenize(x["text"])}, [batch])
        >>> tokens(batch)["tokens"].to_pylist()
        [['the', 'cat', 'the', 'mat'], []]
    """
    return apply(Tokenize(characters, lowercase), x)
