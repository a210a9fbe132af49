"""The choice between two arrays, the same on every runtime."""

from __future__ import annotations

from typing import Any

__all__ = ["choose"]


def choose(xp: Any, condition: Any, x: Any, y: Any) -> Any:
    """`xp.where`, in which a chosen -0.0 is 0.0.

    ONNX Runtime's `Where` adds the two sides, each with zeros in place of what it does not give, and so loses
    the sign of zero. NumPy and torch keep it; adding zero makes them lose it as well.
    """
    chosen = xp.where(condition, x, y)
    return chosen + xp.zeros((), dtype=chosen.dtype) if xp.isdtype(chosen.dtype, "real floating") else chosen
