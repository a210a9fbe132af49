"""Dates of strings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from headrace.columns import TIMESTAMP, ColumnType, parse_dates
from headrace.transform.ops.dates.date_format import parse_format
from headrace.transform.ops.strings import PerString

__all__ = ["ParseTimestamp"]


@dataclass(frozen=True)
class ParseTimestamp(PerString):
    """The dates of strings, in ISO 8601 or another format; strings of another form are missing dates."""

    arity = (1, 1)
    dtype: ClassVar[str] = TIMESTAMP

    format: str | None = None

    def infer(self, *types: ColumnType) -> ColumnType:
        if self.format is not None:
            parse_format(self.format)
        return super().infer(*types)

    def evaluate_strings(self, strings: Any) -> Any:
        return parse_dates(strings, None if self.format is None else parse_format(self.format).program)

    def lower_strings(self, strings: Any) -> Any:
        from headrace.transform.ops.dates.onnx_dates import lower_format, lower_iso

        return lower_iso(strings) if self.format is None else lower_format(strings, parse_format(self.format))
