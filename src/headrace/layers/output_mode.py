"""Indices in the forms that Keras's layers give them: as they are, or as vectors."""

from __future__ import annotations

from headrace.errors import UsageError
from headrace.transform import count_vector, multi_hot, one_hot, reshape
from headrace.transform.tracing import Column

__all__ = ["MODES", "checked_mode", "encode"]

MODES = ("int", "one_hot", "multi_hot", "count")


def checked_mode(mode: str, modes: tuple[str, ...] = MODES) -> str:
    """The mode, if it is one.

    Raises:
        UsageError: It is none of `modes`.
    """
    if mode not in modes:
        raise UsageError(f"output_mode {mode!r}", hint=f"choose {', '.join(modes[:-1])} or {modes[-1]}")
    return mode


def encode(indices: Column, depth: int, mode: str, weights: Column | None = None) -> Column:
    """Indices in an output mode; those outside [0, depth) are left out of vectors.

        "int"        int64, as they are
        "one_hot"    float32 [..., depth], a vector for each index; a last dimension of size 1 goes
        "multi_hot"  float32 [depth], a vector for each row: 1 where the index occurs
        "count"      float32 [depth], a vector for each row: how often, or the sum of the weights

    Args:
        indices: Integers, one a row, rows of one length, or, but for "one_hot", lists.
        depth: How many indices there are.
        mode: One of those above.
        weights: One a value, for "count".
    """
    if mode == "int":
        return indices
    if mode == "one_hot":
        shape = indices.type.shape
        return one_hot(reshape(indices, shape[:-1]) if shape[-1:] == (1,) else indices, depth)
    return multi_hot(indices, depth) if mode == "multi_hot" else count_vector(indices, depth, weights)
