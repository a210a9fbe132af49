"""Metrics of a finished model, over all its predictions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["confusion_matrix", "root_mean_squared_error"]


def confusion_matrix(
    labels: NDArray[np.integer], predicted: NDArray[np.integer], classes: int
) -> NDArray[np.int64]:
    """How often each class was taken for each.

    Args:
        labels: True classes, [N], from 0 to `classes`, exclusive.
        predicted: Predicted classes, [N].
        classes: How many there are.

    Returns:
        int64 [classes, classes]: row is the true class, column the predicted one.

    Example:
        >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
        [[1, 1], [0, 1]]
    """
    pairs = labels.astype(np.int64) * classes + predicted.astype(np.int64)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def root_mean_squared_error(labels: NDArray[np.floating], predicted: NDArray[np.floating]) -> float:
    """Root of the mean squared difference, in the label's units; both [N]."""
    return float(np.sqrt(np.mean((labels.astype(np.float64) - predicted) ** 2)))
