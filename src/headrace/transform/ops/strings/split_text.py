"""Splitting of text by the class of each character: several ops on text in one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.op import Op
from headrace.transform.ops.strings.byte_table import CUT, DROP, make_byte_table, split_strings
from headrace.transform.ops.strings.portable_regex import merge_ranges, spell_class

__all__ = ["SplitText", "classify"]

_ASCII = range(128)
_BEYOND = (128, 0x10FFFF)
_NEVER = r"[^\x{0}-\x{10ffff}]"


@dataclass(frozen=True)
class SplitText(Op):
    """The words of each text, such as `tokenize_whitespace(strip_punctuation(lower(x)))`.

    Words consist of the characters that are kept. Some characters are dropped within words; all others cut
    words. Lowering fuses chains of ops into this one, see `fuse_text`.

    Attributes:
        kept: ASCII characters of words.
        dropped: ASCII characters that are dropped.
        beyond: How all other characters than ASCII are handled: "keep", "drop" or "cut".
        case: "lower" or "upper" to convert the ASCII letters that are kept, or "".
    """

    arity = (1, 1)

    kept: str
    dropped: str = ""
    beyond: str = "cut"
    case: str = ""

    def infer(self, *types: ColumnType) -> ColumnType:
        (x,) = types
        if not x.is_string or x.ragged:
            raise TraceError(f"{self.name} expects one string per row, got {x}", hint="pass a column of text")
        return replace(x, ragged=True)

    def byte_table(self) -> np.ndarray:
        changes: dict[int, int] = dict.fromkeys(range(256), int(CUT))
        if self.beyond != "cut":
            changes |= {byte: byte if self.beyond == "keep" else int(DROP) for byte in range(128, 256)}
        changes |= dict.fromkeys(self.dropped.encode(), int(DROP))
        changes |= dict(zip(self.kept.encode(), self._convert(self.kept).encode(), strict=True))
        return make_byte_table(changes)

    def evaluate(self, *values: Any) -> Any:
        return split_strings(values[0], self.byte_table())

    def lower(self, *values: Any) -> Any:
        from headrace.transform.ops.strings.lowering import split_tokens

        return split_tokens(values[0], self.patterns())

    def patterns(self) -> Any:
        """Make the `Patterns` of the ONNX form."""
        from headrace.transform.ops.strings.lowering import Patterns

        joins = bool(self.dropped) or self.beyond == "drop" or bool(self.case and self.beyond == "keep")
        cuts = self._cuts() if joins else ""
        last = self.kept[-1]  # not NUL, which ends a string in C
        return Patterns(
            word=self._word(),
            runs="|".join(["[ ]", *self._contents(), *([cuts] if cuts else [])]),
            cuts=cuts,
            witness=f"{last}{(self.dropped or 'é')[-1]}{last}" if joins else last,
            joins=joins,
            case=self.case,
            is_ascii=self.beyond != "keep",
        )

    def _convert(self, text: str) -> str:
        return {"lower": text.lower, "upper": text.upper, "": text.__str__}[self.case]()

    def _word(self) -> str:
        unchanged = [each for each in self.kept if self._convert(each) == each]
        beyond = self.beyond == "keep"
        return f"{_spell(unchanged, beyond)}+" if unchanged or beyond else _NEVER

    def _contents(self) -> list[str]:
        """Return the patterns of runs of a word; of ASCII alone where the case changes."""
        if self.beyond != "keep":
            return [f"{_spell(self.kept)}+"]
        if not self.case:
            return [f"{_spell(self.kept, beyond=True)}+"]
        return [f"{_spell(self.kept)}+", f"{_spell((), beyond=True)}+"]

    def _cuts(self) -> str:
        others = {chr(each) for each in _ASCII}.difference(self.kept, self.dropped, " ")
        return f"{_spell(others, self.beyond == 'cut')}+" if others or self.beyond == "cut" else ""


def _spell(characters: Iterable[str], beyond: bool = False) -> str:
    ranges = [(ord(each), ord(each)) for each in characters]
    return spell_class(merge_ranges([*ranges, _BEYOND] if beyond else ranges))


def classify(table: np.ndarray) -> SplitText | None:
    """Find the op of a byte table; None if the table does not cut at spaces, or keeps no ASCII character.

    NUL does not count, since it ends a string in C.
    """
    kept = bytes(byte for byte in _ASCII if table[byte] not in (CUT, DROP)).decode()
    dropped = bytes(byte for byte in _ASCII if table[byte] == DROP).decode()
    beyond = {int(CUT): "cut", int(DROP): "drop"}.get(int(table[128]), "keep")
    if not kept.strip("\0") or table[ord(" ")] != CUT:
        return None
    found = (SplitText(kept, dropped, beyond, case) for case in ("", "lower", "upper"))
    return next((each for each in found if np.array_equal(each.byte_table(), table)), None)
