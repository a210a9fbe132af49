"""Outputs are compared by what they mean: NaN, infinities, ties of labels, strings, shapes."""

from typing import Any

import numpy as np
import pytest

from headrace.deploy import Classifier, Regressor
from headrace.deploy.verification.compare import compare, merge
from headrace.errors import UsageError

NAN, INF = np.nan, np.inf


def compare_numbers(expected: list[float], found: list[float], dtype: Any = np.float32) -> Any:
    arrays = [{"prediction": np.array(each, dtype)} for each in (expected, found)]
    (result,) = compare(arrays[0], arrays[1], Regressor())
    return result


def test_nan_and_infinities_equal_themselves_only() -> None:
    values = [NAN, INF, -INF, 0.0]
    assert compare_numbers(values, values).check.mismatches == 0
    assert compare_numbers(values, values).check.not_finite == 3
    result = compare_numbers([NAN, 1.0, INF, INF, 1.0], [1.0, NAN, -INF, 1.0, INF])
    assert result.rows.tolist() == [0, 1, 2, 3, 4]
    assert result.check.mismatches == 5
    assert result.check.largest_difference == 0.0


def test_differences_are_relative_and_do_not_overflow() -> None:
    assert compare_numbers([1e6, 3e38], [1e6 + 1, 3e38]).check.mismatches == 0
    assert compare_numbers([0.0, 1.0], [2e-5, 1.0]).rows.tolist() == [0]
    result = compare_numbers([3e38], [-3e38])
    assert result.check.mismatches == 1
    assert result.check.largest_difference == pytest.approx(2.0)
    assert compare_numbers([0.0], [-0.0]).check.mismatches == 0


def compare_classes(expected: Any, found: Any, names: Any = ("a", "b", "c")) -> list[list[int]]:
    keys = ("label", "probabilities")
    sides = [dict(zip(keys, map(np.array, side), strict=True)) for side in (expected, found)]
    if names is not None:
        sides = [{**side, "label": side["label"].astype(object)} for side in sides]
    return [each.rows.tolist() for each in compare(*sides, Classifier(names))]


def test_another_label_is_right_where_classes_tie() -> None:
    scores = [[0.4, 0.4, 0.2], [0.5, 0.3, 0.2]]
    assert compare_classes((["a", "a"], scores), (["b", "a"], scores)) == [[], []]
    assert compare_classes((["a", "a"], scores), (["c", "b"], scores)) == [[0, 1], []]
    assert compare_classes(([0, 0], scores), ([1, 2], scores), None) == [[1], []]
    nearly = [[0.400001, 0.399999, 0.2], [0.5, 0.3, 0.2]]
    assert compare_classes((["a", "a"], nearly), (["b", "a"], nearly)) == [[], []]


def test_a_label_of_other_probabilities_does_not_tie() -> None:
    expected, found = [[0.4, 0.4, 0.2]], [[0.2, 0.4, 0.4]]
    assert compare_classes((["a"], expected), (["b"], found)) == [[0], [0]]
    assert compare_classes((["a"], expected), (["unknown"], expected)) == [[0], []]


def test_labels_of_nan_are_as_good_as_each_other() -> None:
    scores = [[NAN, NAN, NAN]]
    assert compare_classes((["a"], scores), (["c"], scores)) == [[], []]


@pytest.mark.parametrize(
    ("expected", "found", "message"),
    [
        ({"y": np.zeros((2, 1))}, {"y": np.zeros(2)}, r"output 'y': expected shape \(2, 1\) as in training"),
        ({"y": np.zeros(2)}, {"y": np.zeros(3)}, r"expected shape \(2,\) as in training, got \(3,\)"),
        ({"y": np.zeros(2)}, {"z": np.zeros(2)}, "expected the outputs 'y' as in training, got 'z'"),
        ({"y": np.zeros(2)}, {"y": np.zeros(2), "z": np.zeros(2)}, "got 'y', 'z'"),
        (
            {"y": np.array(["a"], object)},
            {"y": np.zeros(1, np.int64)},
            "output 'y': expected strings as in training, got integers",
        ),
        ({"y": np.zeros(1)}, {"y": np.zeros(1, np.int64)}, "expected floats as in training, got integers"),
    ],
)
def test_outputs_of_another_model_are_refused(expected: Any, found: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        compare(expected, found, Regressor("y"))


def test_batches_are_merged() -> None:
    first, second = compare_numbers([0.0, 1.0], [0.0, 2.0]), compare_numbers([NAN], [NAN])
    check = merge(merge(None, first.check), second.check)
    assert (check.values, check.mismatches, check.not_finite) == (3, 1, 1)
    assert check.largest_difference == 1.0
