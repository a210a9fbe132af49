"""The scale of each output: what a difference between two computations of it is compared with."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from headrace.columns import Ragged

__all__ = ["TOLERANCE", "Scales", "compute_in_float64", "find_scales"]

TOLERANCE = 1e-5  # of a value, or of the scale of its output where that is larger
_LEAST_TOLERANCE = 2.0**-20  # of the root mean square of an output: 16 steps of float32
_ROUNDINGS = 16.0  # two runtimes each round in their own way, and other rows may be worse than those measured

Scales = Mapping[str, Any]  # output to float64, one or one for each number of a row


def find_scales(
    expected: Mapping[str, NDArray[Any]], exact: Mapping[str, NDArray[Any]] | None
) -> dict[str, Any]:
    """Find the scales of outputs that are numbers.

    A number that is a small difference of large ones has their rounding errors, however small it is.
    What rounding makes of the outputs is measured: float32 beside float64, over some rows.

    Args:
        expected: The outputs of the training path for some rows.
        exact: The same, computed in float64; None where the network cannot.
    """
    return {
        name: _find_scale(value, None if exact is None else exact[name]) for name, value in expected.items()
    }


def _find_scale(expected: NDArray[Any], exact: NDArray[Any] | None) -> Any:
    values = np.where(np.isfinite(expected), expected, 0.0).astype(np.float64)
    size = np.sqrt(np.square(values).mean(axis=0))
    if exact is None:
        return size
    errors = np.abs(values - np.where(np.isfinite(expected) & np.isfinite(exact), exact, values))
    return np.maximum(_ROUNDINGS * errors.max(axis=0), _LEAST_TOLERANCE * size) / TOLERANCE


def compute_in_float64(served: nn.Module, features: Mapping[str, Any]) -> dict[str, NDArray[Any]] | None:
    """Compute the outputs of a `ServedModel` in float64.

    Returns:
        None if its network computes in float32 only, or is random (dropout that is never switched off).
    """
    wide = {name: _widen(value) for name, value in features.items()}
    try:
        precise: Any = copy.deepcopy(served).double()
        first, second = precise.predict(wide), precise.predict(wide)
    except Exception:  # of the network's own code, which need not know float64
        return None
    is_same = all(np.array_equal(first[name], second[name], equal_nan=True) for name in first)
    return first if is_same else None


def _widen(value: Any) -> Any:
    if isinstance(value, Ragged):
        return Ragged(_widen(value.values), value.row_splits)
    is_float = isinstance(value, torch.Tensor) and value.is_floating_point()
    return value.double() if is_float else value
