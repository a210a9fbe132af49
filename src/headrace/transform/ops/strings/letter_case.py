"""Letters in lower or upper case: A to Z only, because runtimes disagree about all others."""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import Any

import numpy as np

from headrace.transform.ops.strings.byte_table import byte_table, map_strings
from headrace.transform.ops.strings.per_string import PerString
from headrace.transform.tracing.column import Column, apply

__all__ = ["lower", "upper"]

_ASCII = r"[\x00-\x7f]+"
_CAPITALS, _SMALL = string.ascii_uppercase.encode(), string.ascii_lowercase.encode()
_OTHER = r"[^\x00-\x7f]+"


@dataclass(frozen=True)
class Lower(PerString):
    """A to Z become a to z; every other character stays, `İ` and `É` among them."""

    def byte_table(self) -> np.ndarray:
        return byte_table(dict(zip(_CAPITALS, _SMALL, strict=True)))

    def evaluate_strings(self, strings: Any) -> Any:
        return map_strings(strings, self.byte_table())

    def lower_strings(self, strings: Any) -> Any:
        from headrace.transform.ops.strings import onnx_text as text

        return _on_ascii(strings, text.lower_case)


@dataclass(frozen=True)
class Upper(PerString):
    """a to z become A to Z; every other character stays, `ß` and `é` among them."""

    def byte_table(self) -> np.ndarray:
        return byte_table(dict(zip(_SMALL, _CAPITALS, strict=True)))

    def evaluate_strings(self, strings: Any) -> Any:
        return map_strings(strings, self.byte_table())

    def lower_strings(self, strings: Any) -> Any:
        from headrace.transform.ops.strings import onnx_text as text

        return _on_ascii(strings, text.upper_case)


def _on_ascii(strings: Any, change: Any) -> Any:
    """The strings, with `change` done to their runs of ASCII characters and to nothing else."""
    import ndonnx as ndx

    from headrace.transform.ops.strings import onnx_text as text

    pieces = text.tokenize(strings, f"{_ASCII}|{_OTHER}", witness="a")
    is_ascii = text.full_match(pieces, _ASCII)
    flat = ndx.reshape(text.where(is_ascii, pieces, ""), (-1,))
    changed = ndx.reshape(change(flat), ndx.asarray(pieces).dynamic_shape)
    return text.drop_witness(text.join_tokens(text.where(is_ascii, changed, pieces)))


def lower(x: Column) -> Column:
    """Each string with A to Z in lower case. Other letters stay: runtimes do not agree on them."""
    return apply(Lower(), x)


def upper(x: Column) -> Column:
    """Each string with a to z in upper case. Other letters stay: runtimes do not agree on them."""
    return apply(Upper(), x)
