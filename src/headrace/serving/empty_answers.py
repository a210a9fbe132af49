"""The answers to a batch without rows, which are known without running the model.

ONNX Runtime ends the process on an LSTM or GRU over zero rows, and refuses other operations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from headrace.serving.signature import Input

__all__ = ["count_rows", "make_empty_answers"]


def count_rows(feeds: Mapping[str, np.ndarray], column: Input) -> int:
    """Count the rows of a model's tensors by one of its columns; lists have one bound more than rows."""
    return len(feeds[column.tensors[-1]]) - (len(column.tensors) - 1)


def make_empty_answers(outputs: Iterable[Any]) -> dict[str, np.ndarray]:
    """Make arrays without rows, by output name.

    Args:
        outputs: The outputs of an ONNX Runtime session: name, type and shape, rows first. A size that the
            file does not state is 0.
    """
    return {each.name: _make_array(each.name, each.type, each.shape) for each in outputs}


def _make_array(name: str, type_: str, shape: list[Any]) -> np.ndarray:
    if name.endswith(".row_splits"):  # of lists: one bound more than rows
        return np.zeros(1, np.int64)
    sizes = [size if isinstance(size, int) else 0 for size in shape[1:]]
    return np.zeros((0, *sizes), _find_dtype(type_))


def _find_dtype(type_: str) -> Any:
    name = type_.removeprefix("tensor(").removesuffix(")")
    return {"string": object, "float": np.float32, "double": np.float64}.get(name) or np.dtype(name)
