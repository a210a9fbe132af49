"""Functions that runtimes compute to the last bit or nearly, because float32 goes by way of float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from array_api_compat import is_torch_namespace

__all__ = ["compute_precisely", "portable_where"]


def compute_precisely(xp: Any, function: Callable[..., Any], *arrays: Any) -> Any:
    """A function of floats within 2 units in the last place of all other runtimes.

    Their own functions of float32 are up to 5 units apart (NumPy's and ONNX Runtime's logarithms near 1), of
    float64 less than 2. Torch's of float32 are within 1 of the exact value, and some of its devices have no
    float64.
    """
    if arrays[0].dtype != xp.float32 or is_torch_namespace(xp):
        return function(*arrays)
    return xp.astype(function(*(xp.astype(each, xp.float64) for each in arrays)), xp.float32)


def portable_where(xp: Any, condition: Any, x: Any, y: Any) -> Any:
    """`xp.where`, in which a chosen -0.0 is 0.0.

    ONNX Runtime's `Where` adds the two sides, each with zeros in place of what it does not give, and so loses
    the sign of zero. NumPy and torch keep it; adding zero makes them lose it as well.
    """
    chosen = xp.where(condition, x, y)
    return chosen + xp.zeros((), dtype=chosen.dtype) if xp.isdtype(chosen.dtype, "real floating") else chosen
