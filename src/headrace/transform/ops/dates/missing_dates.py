"""Missing dates: the test, and their replacement."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.op import ElementwiseOp
from headrace.transform.ops.dates import calendar

__all__: list[str] = []


@dataclass(frozen=True)
class IsMissingDate(ElementwiseOp):
    """True if a date is missing."""

    arity = (1, 1)
    takes_dates = True
    pointwise = True

    def infer(self, *types: ColumnType) -> ColumnType:
        _check_dates(self.name, types[0])
        return replace(types[0], dtype="bool")

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return ~calendar.is_present(xp, *arrays)


@dataclass(frozen=True)
class FillMissingDate(ElementwiseOp):
    """The date, or `date` (microseconds since 1970) if it is missing."""

    arity = (1, 1)
    takes_dates = True
    pointwise = True

    date: int

    def infer(self, *types: ColumnType) -> ColumnType:
        _check_dates(self.name, types[0])
        return types[0]

    def compute(self, xp: Any, *arrays: Any) -> Any:
        (x,) = arrays
        return xp.where(calendar.is_present(xp, x), x, xp.asarray(self.date, dtype=xp.int64))


def _check_dates(name: str, type_: ColumnType) -> None:
    if not type_.is_timestamp:
        raise TraceError(f"{name} expects dates, got {type_}", hint="parse them by parse_timestamp")
