"""Metrics of all rows have the values of their definitions, computed by hand."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.training.metrics import (
    CLASS_METRICS,
    LABEL_METRICS,
    NUMBER_METRICS,
    QUANTILE_METRICS,
    ClassScores,
    LabelScores,
    Monitor,
    NumberScores,
    QuantileScores,
)


def compute(metrics: Any, name: str, scores: Any) -> Any:
    return metrics[name].compute(scores)


def make_classes(logits: Any, labels: Any) -> ClassScores:
    logits, labels = torch.tensor(logits, dtype=torch.float64), torch.tensor(labels)
    targets = torch.nn.functional.one_hot(labels, logits.shape[1]).double()
    return ClassScores(logits, labels, logits.argmax(1), targets, tuple(map(str, range(logits.shape[1]))))


def count_pairs(scores: Any, truth: Any) -> float:
    """The share of pairs in the right order; equal ones are a half."""
    difference = scores[truth][:, None] - scores[~truth][None, :]
    return float((np.sign(difference) + 1).mean() / 2)


def sum_precisions(scores: Any, truth: Any) -> float:
    """The mean over the positives of the precision among the rows with their score or more."""
    return float(np.mean([truth[scores >= each].mean() for each in scores[truth]]))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=4, max_size=20))
def test_binary_metrics(rows: list[tuple[int, bool]]) -> None:
    score, truth = np.array([each for each, _ in rows]), np.array([each for _, each in rows])
    if truth.all() or not truth.any():
        return
    scores = make_classes(np.stack([np.zeros(len(score)), score], 1), truth.astype(np.int64))
    assert compute(CLASS_METRICS, "auc", scores) == pytest.approx(count_pairs(score, truth))
    assert compute(CLASS_METRICS, "average_precision", scores) == pytest.approx(sum_precisions(score, truth))
    chosen = score > 0
    right = (chosen & truth).sum()
    assert compute(CLASS_METRICS, "recall", scores) == pytest.approx(right / truth.sum())
    assert compute(CLASS_METRICS, "precision", scores) == pytest.approx(right / max(1, chosen.sum()))
    assert compute(CLASS_METRICS, "f1", scores) == pytest.approx(2 * right / (chosen.sum() + truth.sum()))
    balanced = (right / truth.sum() + (~chosen & ~truth).sum() / (~truth).sum()) / 2
    assert compute(CLASS_METRICS, "balanced_accuracy", scores) == pytest.approx(balanced)
    likely = 1 / (1 + np.exp(-score))
    assert compute(CLASS_METRICS, "brier", scores) == pytest.approx(((likely - truth) ** 2).mean())
    loss = -np.log(np.where(truth, likely, 1 - likely)).mean()
    assert compute(CLASS_METRICS, "log_loss", scores) == pytest.approx(loss)


def test_probabilities_that_round_to_one_are_still_ordered() -> None:
    scores = make_classes([[0, 50.0], [0, 51.0], [0, 52.0]], [0, 0, 1])
    assert compute(CLASS_METRICS, "auc", scores) == 1.0


def test_metrics_of_three_classes_are_means_one_against_the_rest() -> None:
    generator = np.random.default_rng(0)
    logits, labels = generator.normal(size=(50, 3)), generator.integers(0, 3, 50)
    scores = make_classes(logits, labels)
    likely = scores.probabilities.numpy()
    each = [count_pairs(likely[:, k], labels == k) for k in range(3)]
    assert compute(CLASS_METRICS, "auc", scores) == pytest.approx(np.mean(each))
    chosen = logits.argmax(1)
    recalls = [(chosen[labels == k] == k).mean() for k in range(3)]
    assert compute(CLASS_METRICS, "balanced_accuracy", scores) == pytest.approx(np.mean(recalls))
    by_class = compute(CLASS_METRICS, "recall_by_class", scores)
    assert by_class == pytest.approx({f"recall_{k}": recalls[k] for k in range(3)})
    assert compute(CLASS_METRICS, "brier", scores) == pytest.approx(
        ((likely - np.eye(3)[labels]) ** 2).sum(1).mean()
    )


@pytest.mark.parametrize("labels", [1, 3])
def test_metrics_of_several_labels(labels: int) -> None:
    generator = np.random.default_rng(1)
    logits, truth = generator.normal(size=(50, labels)), generator.random((50, labels)) > 0.6
    chosen = logits > 0
    scores = LabelScores(
        torch.tensor(logits),
        torch.tensor(truth).long(),
        torch.tensor(chosen).long(),
        ("a", "b", "c")[:labels],
    )
    right, found, there = (chosen & truth).sum(0), chosen.sum(0), truth.sum(0)
    expected = {
        "accuracy": (chosen == truth).mean(),
        "exact_match": (chosen == truth).all(1).mean(),
        "f1": (2 * right / (found + there)).mean(),
        "f1_micro": 2 * right.sum() / (found.sum() + there.sum()),
        "recall": (right / there).mean(),
        "precision": (right / found).mean(),
        "auc": np.mean([count_pairs(logits[:, k], truth[:, k]) for k in range(labels)]),
        "average_precision": np.mean([sum_precisions(logits[:, k], truth[:, k]) for k in range(labels)]),
    }
    assert {name: compute(LABEL_METRICS, name, scores) for name in expected} == pytest.approx(expected)


def test_metrics_of_numbers() -> None:
    labels, predicted = np.array([1.0, 2.0, 4.0, 8.0]), np.array([1.5, 2.0, 3.0, 9.0])
    scores = NumberScores(torch.tensor(predicted)[:, None], torch.tensor(labels)[:, None])
    errors = np.abs(predicted - labels)
    expected = {
        "mae": errors.mean(),
        "median_ae": 0.75,
        "rmse": np.sqrt((errors**2).mean()),
        "mape": (errors / labels).mean(),
        "r2": 1 - (errors**2).sum() / ((labels - labels.mean()) ** 2).sum(),
    }
    assert {name: compute(NUMBER_METRICS, name, scores) for name in NUMBER_METRICS} == pytest.approx(expected)


def test_metrics_of_quantiles() -> None:
    predicted, labels = np.array([[0.0, 2.0], [1.0, 3.0]]), np.array([1.0, 4.0])
    levels = np.array([0.1, 0.9])
    scores = QuantileScores(torch.tensor(predicted), torch.tensor(labels), torch.tensor(levels))
    assert compute(QUANTILE_METRICS, "pinball", scores) == pytest.approx((0.1 + 0.1 + 0.3 + 0.9) / 4)
    shares = {"share_below_0.1": 0.0, "share_below_0.9": 0.5}
    assert compute(QUANTILE_METRICS, "shares_below", scores) == pytest.approx(shares)
    assert compute(QUANTILE_METRICS, "calibration_error", scores) == pytest.approx((0.1 + 0.4) / 2)


def test_of_equal_epochs_the_one_with_the_smaller_loss_is_better() -> None:
    monitor = Monitor("accuracy", larger_is_better=True)
    best = {"validation_accuracy": 0.5, "validation_loss": 1.0}
    for accuracy, loss, better in ((0.6, 2.0, True), (0.4, 0.1, False), (0.5, 0.9, True), (0.5, 1.0, False)):
        row = {"validation_accuracy": accuracy, "validation_loss": loss}
        assert monitor.improves(row, best) is better
