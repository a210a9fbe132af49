"""Metrics over all predictions."""

import numpy as np
import pytest

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
