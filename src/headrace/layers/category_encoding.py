"""Indices as vectors."""

from __future__ import annotations

from headrace.errors import UsageError
from headrace.transform import one_hot
from headrace.transform.column import Column

__all__ = ["encode"]


def encode(indices: Column, depth: int, output_mode: str) -> Column:
    """Indices in one of Keras's output modes: "int", "one_hot", "multi_hot", "count".

    Raises:
        UsageError: Another mode.
    """
    if output_mode == "int":
        return indices
    if output_mode == "one_hot":
        return one_hot(indices, depth)
    raise UsageError(f"output_mode {output_mode!r}", way_out="choose int, one_hot, multi_hot or count")
