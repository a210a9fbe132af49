"""Output modes of Keras's layers: indices, or vectors that encode them."""

from __future__ import annotations

from headrace.arguments import check_choice
from headrace.transform import count_vector, multi_hot, one_hot, reshape
from headrace.transform.tracing import Column

__all__ = ["MODES", "check_mode", "encode"]

MODES = ("int", "one_hot", "multi_hot", "count")


def check_mode(mode: str, modes: tuple[str, ...] = MODES) -> str:
    """Return the mode if it is one of `modes`.

    Raises:
        UsageError: The mode is unknown.
    """
    return check_choice(mode, "output_mode", modes)


def encode(indices: Column, depth: int, mode: str, weights: Column | None = None) -> Column:
    """Encode indices in an output mode; vectors ignore indices outside [0, depth).

        "int"        the indices themselves, int64
        "one_hot"    float32 [..., depth], a vector per index; a last dimension of size 1 is dropped
        "multi_hot"  float32 [depth], a vector per row: 1 at each index that occurs
        "count"      float32 [depth], a vector per row: the count of each index, or the sum of its weights

    Args:
        indices: Integers: one per row, rows of fixed length, or, except for "one_hot", lists.
        depth: Number of indices.
        mode: One of the modes above.
        weights: A weight per index, for "count".
    """
    if mode == "int":
        return indices
    if mode == "one_hot":
        shape = indices.type.shape
        return one_hot(reshape(indices, shape[:-1]) if shape[-1:] == (1,) else indices, depth)
    return multi_hot(indices, depth) if mode == "multi_hot" else count_vector(indices, depth, weights)
