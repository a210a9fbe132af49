"""Functions that agree between NumPy, torch and ONNX runtimes where the library functions do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from array_api_compat import is_torch_namespace

__all__ = ["compute_precisely", "portable_where"]


def compute_precisely(xp: Any, function: Callable[..., Any], *arrays: Any) -> Any:
    """Apply a function of floats so that runtimes agree within 2 units in the last place.

    Functions of float32 differ by up to 5 units between runtimes (the logarithms of NumPy and ONNX Runtime
    near 1), those of float64 by less than 2, so float32 is computed in float64. torch is exempt: its float32
    results are within 1 unit of the exact value, and some of its devices lack float64.
    """
    if arrays[0].dtype != xp.float32 or is_torch_namespace(xp):
        return function(*arrays)
    return xp.astype(function(*(xp.astype(each, xp.float64) for each in arrays)), xp.float32)


def portable_where(xp: Any, condition: Any, x: Any, y: Any) -> Any:
    """Apply `xp.where`; a selected -0.0 becomes 0.0.

    ONNX Runtime implements `Where` as a sum of both sides with zeros in the places not selected, which loses
    the sign of zero. NumPy and torch keep it, so 0 is added to their result.
    """
    chosen = xp.where(condition, x, y)
    return chosen + xp.zeros((), dtype=chosen.dtype) if xp.isdtype(chosen.dtype, "real floating") else chosen
