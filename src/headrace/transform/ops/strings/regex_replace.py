"""Parts of strings replaced by others."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.ops.strings.byte_table import DROP, byte_table, map_strings, ranges_to_bytes
from headrace.transform.ops.strings.per_string import PerString
from headrace.transform.ops.strings.portable_regex import Pattern, complement, parse, spell_class
from headrace.transform.tracing.column import Column, apply

__all__ = ["regex_replace", "strip_punctuation"]

_ANY = r"[\x{0}-\x{10ffff}]"


@dataclass(frozen=True)
class RegexReplace(PerString):
    """Every match of `pattern`, from the left and not overlapping, becomes `rewrite`."""

    pattern: str
    rewrite: str = ""

    def infer(self, *types: ColumnType) -> ColumnType:
        parse(self.pattern)
        if re.search(r"\\\d", self.rewrite):
            raise TraceError(
                f"the replacement {self.rewrite!r}",
                hint="spell it out: patterns have no groups to refer to",
            )
        return super().infer(*types)

    def byte_table(self) -> np.ndarray | None:
        pattern = parse(self.pattern)
        found = ranges_to_bytes(pattern.first) if pattern.is_run or pattern.is_character else None
        return None if found is None or self.rewrite else byte_table(dict.fromkeys(found, DROP))

    def evaluate_strings(self, strings: Any) -> Any:
        table = self.byte_table()
        if table is not None:
            return map_strings(strings, table)
        options = pc.ReplaceSubstringOptions(parse(self.pattern).re2, self.rewrite.replace("\\", "\\\\"))
        return pc.call_function("replace_substring_regex", [strings], options)

    def lower_strings(self, strings: Any) -> Any:
        from headrace.transform.ops.strings import onnx_text as text

        pattern = parse(self.pattern)
        pieces = text.tokenize(strings, _pieces(pattern), witness="a")
        replaced = text.where(text.full_match(pieces, pattern.re2), self.rewrite, pieces)
        return text.drop_witness(text.join_tokens(replaced))


def _pieces(pattern: Pattern) -> str:
    """An expression that cuts a text into matches, runs without a match's first character, and single ones.

    Of the alternatives the longest wins, so a first character stands alone only where nothing matches; no
    piece but a match can then match as a whole.
    """
    others = complement(pattern.first)
    runs = [f"{spell_class(others)}+"] if others else []
    return "|".join([pattern.re2, *runs, _ANY])


def regex_replace(x: Column, pattern: str, rewrite: str = "") -> Column:
    r"""Each string with all that matches `pattern` replaced by `rewrite`, as `re.sub` does.

    Args:
        x: A column of strings, ragged or not.
        pattern: Characters and [classes], at most one of them repeated: `[0-9]+`, `<[^>]*>`, `<br />`. `\d`,
            `\w` and `\s` are of ASCII. What runtimes would not agree on is refused.
        rewrite: The text that comes in its place.
    """
    return apply(RegexReplace(pattern, rewrite), x)


def strip_punctuation(x: Column) -> Column:
    """Each string without ASCII punctuation (`string.punctuation`), as Keras's TextVectorization has it."""
    signs = "".join(f"\\{sign}" for sign in string.punctuation)
    return regex_replace(x, f"[{signs}]+")
