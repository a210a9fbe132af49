"""Metrics over all predictions."""

from typing import Any

import numpy as np
import pytest

from headrace.errors import UsageError
from headrace.training import confusion_matrix
from headrace.training.metrics import root_mean_squared_error


def test_rows_are_true_classes_and_columns_predicted_classes() -> None:
    matrix = confusion_matrix(np.array([0, 0, 2, 1], np.uint8), np.array([0, 2, 2, 1]), 3)
    assert matrix.tolist() == [[1, 0, 1], [0, 1, 0], [0, 0, 1]]


def test_many_classes_do_not_overflow_small_labels() -> None:
    labels = np.array([250], np.uint8)
    assert confusion_matrix(labels, labels, 251)[250, 250] == 1


def test_root_mean_squared_error() -> None:
    assert root_mean_squared_error(np.array([1.0, 5.0]), np.array([1.0, 1.0])) == pytest.approx(8**0.5)


@pytest.mark.parametrize(
    ("labels", "predicted", "classes", "message"),
    [
        ([0, 1], [0, 5], 2, "predicted: expected classes from 0 to 1, got 0 to 5"),
        ([0, 2], [0, 1], 2, "labels: expected classes from 0 to 1, got 0 to 2"),
        ([-1, 0], [0, 1], 2, "labels: expected classes from 0 to 1, got -1 to 0"),
        ([0.0, 1.0], [0, 1], 2, "labels: expected integers, got float64"),
        ([0, 1], [0], 2, r"expected labels \[N\] and predictions \[N\], got \[2\] and \[1\]"),
        ([0, 1], [0, 1], 2.0, "classes: expected an integer"),
    ],
)
def test_other_classes_are_not_counted_in_other_cells(
    labels: Any, predicted: Any, classes: Any, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        confusion_matrix(np.array(labels), np.array(predicted), classes)


def test_errors_of_columns_do_not_broadcast() -> None:
    with pytest.raises(
        UsageError, match=r"expected labels \[N\] and predictions \[N\], got \[2\] and \[2, 1\]"
    ):
        root_mean_squared_error(np.array([1.0, 2.0]), np.array([[1.0], [2.0]]))
