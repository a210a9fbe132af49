"""Logical operators on conditions: `&`, `|`, `^` and `~`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headrace.columns import ColumnType
from headrace.errors import TraceError
from headrace.transform.graph.op import ElementwiseOp, broadcast
from headrace.transform.tracing.column import Column, apply

__all__ = ["logical_not"]


class _Logic(ElementwiseOp, abstract=True):
    arity = (2, 2)

    def infer(self, *types: ColumnType) -> ColumnType:
        if any(each.dtype != "bool" for each in types):
            raise TraceError(
                f"{self.name} expects booleans, got {' and '.join(map(str, types))}",
                hint="compare them first",
            )
        return broadcast(self.name, *types)


@dataclass(frozen=True)
class LogicalAnd(_Logic):
    """True if both conditions hold."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.logical_and(*arrays)


@dataclass(frozen=True)
class LogicalOr(_Logic):
    """True if at least one condition holds."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.logical_or(*arrays)


@dataclass(frozen=True)
class LogicalXor(_Logic):
    """True if exactly one condition holds."""

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.logical_xor(*arrays)


@dataclass(frozen=True)
class LogicalNot(_Logic):
    """True if the condition does not hold."""

    arity = (1, 1)

    def compute(self, xp: Any, *arrays: Any) -> Any:
        return xp.logical_not(*arrays)


def logical_not(x: Column) -> Column:
    """Negate a column of booleans, as `~x` does."""
    return apply(LogicalNot(), x)
