"""Tensors of torch, also as the values of rows, as NumPy arrays. torch is not imported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["replace_tensors", "tensor_to_numpy"]


def tensor_to_numpy(tensor: Any) -> np.ndarray:
    """Convert a tensor of torch; bfloat16 becomes float32, exactly, and a sparse tensor a dense one."""
    tensor = tensor.detach().cpu().resolve_conj().resolve_neg()
    if str(tensor.layout) != "torch.strided":
        tensor = tensor.to_dense()
    return (tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy()


def replace_tensors(values: Sequence[Any]) -> Sequence[Any]:
    """Return values in which NumPy arrays stand for tensors of torch, and for arrays of other libraries."""
    known = {each: _find_conversion(each) for each in set(map(type, values))}
    if not any(known.values()):
        return values
    converted: list[Any] = []
    for value in values:
        convert = known[type(value)]
        converted.append(value if convert is None else convert(value))
    return converted


def _find_conversion(type_: type) -> Any:
    if hasattr(type_, "detach"):
        return tensor_to_numpy
    is_known = issubclass(type_, np.ndarray | np.generic) or not hasattr(type_, "__array__")
    return None if is_known else np.asarray
