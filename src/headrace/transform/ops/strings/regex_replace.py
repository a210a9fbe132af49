"""Replacement of the matches of a pattern in strings."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.ops.strings.byte_table import DROP, make_byte_table, map_strings, ranges_to_bytes
from headrace.transform.ops.strings.per_string import PerString
from headrace.transform.ops.strings.portable_regex import Pattern, complement, parse, spell_class
from headrace.transform.tracing.column import Column, apply

__all__ = ["regex_replace", "strip_punctuation"]

_ANY = r"[\x{0}-\x{10ffff}]"


@dataclass(frozen=True)
class RegexReplace(PerString):
    """Strings with every match of `pattern` replaced by `rewrite`, from the left, without overlaps."""

    arity = (1, 1)

    pattern: str
    rewrite: str = ""

    def infer(self, *types: ColumnType) -> ColumnType:
        parse(self.pattern)
        if re.search(r"\\\d", self.rewrite):
            raise TraceError(
                f"the replacement {self.rewrite!r} refers to a group, and patterns do not have groups",
                hint="write the replacement as literal text",
            )
        return super().infer(*types)

    def byte_table(self) -> np.ndarray | None:
        pattern = parse(self.pattern)
        found = ranges_to_bytes(pattern.first) if pattern.is_run or pattern.is_character else None
        return None if found is None or self.rewrite else make_byte_table(dict.fromkeys(found, DROP))

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
    """Build an expression that splits a text into matches, runs that cannot start one, and single characters.

    The longest alternative wins, so a character that could start a match is a piece of its own only where
    nothing matches; then only matches match `pattern` as a whole.
    """
    others = complement(pattern.first)
    runs = [f"{spell_class(others)}+"] if others else []
    return "|".join([pattern.re2, *runs, _ANY])


def regex_replace(x: Column, pattern: str, rewrite: str = "") -> Column:
    r"""Replace every match of `pattern` in each string by `rewrite`, as `re.sub` does.

    Args:
        x: A column of strings, ragged or not.
        pattern: Characters and [classes], at most one of them repeated: `[0-9]+`, `<[^>]*>`, `<br />`. `\d`,
            `\w` and `\s` are ASCII. Patterns on which runtimes would disagree are refused.
        rewrite: The replacement, as literal text.

    Raises:
        TraceError: `pattern` is refused, `rewrite` refers to a group, or `x` does not hold strings.

    Example:
        >>> import headrace as hr, pyarrow as pa
        >>> batch = pa.record_batch({"text": ["room 101", "7 rooms"]})
        >>> masked = hr.transform.analyze(
        ...     lambda x: {"text": hr.transform.regex_replace(x["text"], "[0-9]+", "#")}, [batch]
        ... )
        >>> masked(batch)["text"].to_pylist()
        ['room #', '# rooms']
    """
    return apply(RegexReplace(pattern, rewrite), x)


def strip_punctuation(x: Column) -> Column:
    """Remove ASCII punctuation (`string.punctuation`) from each string, as Keras's TextVectorization does."""
    signs = "".join(f"\\{sign}" for sign in string.punctuation)
    return regex_replace(x, f"[{signs}]+")
