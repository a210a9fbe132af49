"""Lower and upper case of ASCII letters; runtimes disagree on all others."""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import Any

import numpy as np

from headrace.transform.ops.strings.byte_table import make_byte_table, map_strings
from headrace.transform.ops.strings.per_string import PerString
from headrace.transform.tracing.column import Column, apply

__all__ = ["lower", "upper"]

_ASCII = r"[\x00-\x7f]+"
_CAPITALS, _SMALL = string.ascii_uppercase.encode(), string.ascii_lowercase.encode()
_OTHER = r"[^\x00-\x7f]+"


@dataclass(frozen=True)
class Lower(PerString):
    """A to Z in lower case; every other character is unchanged, including `İ` and `É`."""

    arity = (1, 1)

    def byte_table(self) -> np.ndarray:
        return make_byte_table(dict(zip(_CAPITALS, _SMALL, strict=True)))

    def evaluate_strings(self, strings: Any) -> Any:
        return map_strings(strings, self.byte_table())

    def lower_strings(self, strings: Any) -> Any:
        from headrace.transform.ops.strings import onnx_text as text

        return _apply_to_ascii(strings, text.lower_case)


@dataclass(frozen=True)
class Upper(PerString):
    """a to z in upper case; every other character is unchanged, including `ß` and `é`."""

    arity = (1, 1)

    def byte_table(self) -> np.ndarray:
        return make_byte_table(dict(zip(_SMALL, _CAPITALS, strict=True)))

    def evaluate_strings(self, strings: Any) -> Any:
        return map_strings(strings, self.byte_table())

    def lower_strings(self, strings: Any) -> Any:
        from headrace.transform.ops.strings import onnx_text as text

        return _apply_to_ascii(strings, text.upper_case)


def _apply_to_ascii(strings: Any, change: Any) -> Any:
    """Apply `change` to the runs of ASCII characters in each string, and to nothing else."""
    import ndonnx as ndx

    from headrace.transform.ops.strings import onnx_text as text

    pieces = text.tokenize(strings, f"{_ASCII}|{_OTHER}", witness="a")
    is_ascii = text.full_match(pieces, _ASCII)
    flat = ndx.reshape(text.where(is_ascii, pieces, ""), (-1,))
    changed = ndx.reshape(change(flat), ndx.asarray(pieces).dynamic_shape)
    return text.drop_witness(text.join_tokens(text.where(is_ascii, changed, pieces)))


def lower(x: Column) -> Column:
    """Convert A to Z to lower case in each string; other letters are unchanged.

    Runtimes disagree on the case of letters beyond ASCII.
    """
    return apply(Lower(), x)


def upper(x: Column) -> Column:
    """Convert a to z to upper case in each string; other letters are unchanged.

    Runtimes disagree on the case of letters beyond ASCII.
    """
    return apply(Upper(), x)
