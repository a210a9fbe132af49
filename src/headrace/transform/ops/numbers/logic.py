"""And, or, not: `&`, `|`, `^` and `~` of conditions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.op import ElementwiseOp, broadcast
from headrace.transform.tracing.column import Column, apply

__all__ = ["logical_not"]


class _Logic(ElementwiseOp, abstract=True):
    def infer(self, *types: ColumnType) -> ColumnType:
        if any(each.dtype != "bool" for each in types):
            raise TraceError(f"{self.name} of {' and '.join(map(str, types))}", hint="compare them first")
        return broadcast(self.name, *types)


@dataclass(frozen=True)
class LogicalAnd(_Logic):
    """Whether both hold."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.logical_and(*arrays)


@dataclass(frozen=True)
class LogicalOr(_Logic):
    """Whether one holds, or both."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.logical_or(*arrays)


@dataclass(frozen=True)
class LogicalXor(_Logic):
    """Whether one holds, and not both."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.logical_xor(*arrays)


@dataclass(frozen=True)
class LogicalNot(_Logic):
    """Whether it does not hold."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.logical_not(*arrays)


def logical_not(x: Column) -> Column:
    """Whether a condition does not hold: `~x`."""
    return apply(LogicalNot(), x)
