"""Metrics of a trained model, over all its predictions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["confusion_matrix", "root_mean_squared_error"]


def confusion_matrix(
    labels: NDArray[np.integer], predicted: NDArray[np.integer], classes: int
) -> NDArray[np.int64]:
    """Count the rows of each pair of true and predicted class.

    Args:
        labels: True classes, integers [N], at least 0 and below `classes`.
        predicted: Predicted classes, integers [N].
        classes: Number of classes.

    Returns:
        int64 [classes, classes], true class by predicted class.

    Example:
        >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
        [[1, 1], [0, 1]]
    """
    pairs = labels.astype(np.int64) * classes + predicted.astype(np.int64)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def root_mean_squared_error(labels: NDArray[np.floating], predicted: NDArray[np.floating]) -> float:
    """Compute the root of the mean squared difference, in the label's units; both arguments are [N].

    Example:
        >>> root_mean_squared_error(np.array([1.0, 5.0]), np.array([1.0, 1.0]))
        2.8284271247461903
    """
    return float(np.sqrt(np.mean((labels.astype(np.float64) - predicted) ** 2)))
