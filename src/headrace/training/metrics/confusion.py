"""Metrics of a trained model, over all its predictions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headrace.arguments import check_integer
from headrace.errors import UsageError

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

    Raises:
        UsageError: The arguments differ in length, are not integers, or a class is not below `classes`.

    Example:
        >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
        [[1, 1], [0, 1]]
    """
    classes = check_integer(classes, "classes", 1)
    labels, predicted = np.asarray(labels), np.asarray(predicted)
    _check_shapes(labels, predicted)
    for values, name in ((labels, "labels"), (predicted, "predicted")):
        if values.dtype.kind not in "iub":
            raise UsageError(
                f"{name}: expected integers, got {values.dtype}", hint="pass the number of each class"
            )
        if values.size and not 0 <= int(values.min()) <= int(values.max()) < classes:
            what = f"{name}: expected classes from 0 to {classes - 1}, got {values.min()} to {values.max()}"
            raise UsageError(what, hint="pass the number of classes of the model")
    pairs = labels.astype(np.int64) * classes + predicted.astype(np.int64)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def root_mean_squared_error(labels: NDArray[np.floating], predicted: NDArray[np.floating]) -> float:
    """Compute the root of the mean squared difference, in the label's units; both arguments are [N].

    Raises:
        UsageError: The arguments differ in shape.

    Example:
        >>> root_mean_squared_error(np.array([1.0, 5.0]), np.array([1.0, 1.0]))
        2.8284271247461903
    """
    labels, predicted = np.asarray(labels), np.asarray(predicted)
    _check_shapes(labels, predicted)
    return float(np.sqrt(np.mean((labels.astype(np.float64) - predicted) ** 2)))


def _check_shapes(labels: NDArray[Any], predicted: NDArray[Any]) -> None:
    if labels.shape != predicted.shape or labels.ndim != 1:
        shapes = f"{list(labels.shape)} and {list(predicted.shape)}"
        raise UsageError(
            f"expected labels [N] and predictions [N], got {shapes}", hint="reshape one to the other"
        )
