"""Metrics and curves of outcomes, computed as those of the training."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from headrace.errors import UsageError
from headrace.report.outcomes import Classes, Labels, Numbers, Outcome, Quantiles
from headrace.training.metrics import (
    CLASS_METRICS,
    LABEL_METRICS,
    NUMBER_METRICS,
    QUANTILE_METRICS,
    ClassScores,
    LabelScores,
    Metrics,
    NumberScores,
    QuantileScores,
)

__all__ = ["measure", "measure_classes", "one_class_curves"]

MOST_POINTS = 200  # of a curve
MOST_CLASSES = 100  # for which areas under curves are computed
_AREAS = ("auc", "average_precision")
_TINY = 1e-30  # below the smallest probability of float32 that is not 0


def measure(outcome: Outcome) -> dict[str, float]:
    """Compute all metrics of an outcome; those that are not defined for its rows are left out."""
    metrics, scores = _read_scores(outcome)
    is_large = isinstance(outcome, Classes | Labels) and len(outcome.names) > MOST_CLASSES
    values = dict[str, float]()
    for name, metric in metrics.items():
        if metric.several or (is_large and name in _AREAS):
            continue
        try:
            value = metric.compute(scores)
        except UsageError:  # of a single class, of equal labels
            continue
        assert isinstance(value, float)
        values[name] = value
    return values


def _read_scores(outcome: Outcome) -> tuple[Metrics, Any]:
    if isinstance(outcome, Classes):
        targets = np.zeros(outcome.probabilities.shape)
        targets[np.arange(outcome.rows), outcome.labels] = 1
        logits = _to_tensor(outcome.probabilities).clamp(min=_TINY).log()
        labels, predicted = _to_tensor(outcome.labels), _to_tensor(outcome.predicted)
        return CLASS_METRICS, ClassScores(logits, labels, predicted, _to_tensor(targets), outcome.names)
    if isinstance(outcome, Labels):
        logits = _to_tensor(outcome.probabilities).logit(eps=1e-15)
        labels, predicted = _to_tensor(outcome.labels), _to_tensor(outcome.predicted)
        return LABEL_METRICS, LabelScores(logits, labels, predicted, outcome.names)
    if isinstance(outcome, Quantiles):
        levels = torch.tensor(outcome.levels, dtype=torch.float64)
        scores = QuantileScores(_to_tensor(outcome.predicted), _to_tensor(outcome.labels), levels)
        return QUANTILE_METRICS, scores
    assert isinstance(outcome, Numbers)
    columns = [_to_tensor(each)[:, None] for each in (outcome.predicted, outcome.labels)]
    return NUMBER_METRICS, NumberScores(*columns)


def _to_tensor(values: NDArray[Any]) -> Tensor:
    return torch.from_numpy(np.array(values))  # a copy: what is broadcast cannot be written to


def measure_classes(outcome: Classes | Labels) -> list[dict[str, Any]]:
    """Compute precision, recall and F1 of each class against the others; 0 where nothing is found."""
    from torchmetrics.functional import classification

    predicted, labels = _to_tensor(outcome.predicted), _to_tensor(outcome.labels)
    count = len(outcome.names)
    found = dict[str, list[float]]()
    for name in ("precision", "recall", "f1_score"):
        if isinstance(outcome, Classes) and count > 1:
            measure_each: Any = getattr(classification, f"multiclass_{name}")
            values = measure_each(predicted, labels, num_classes=count, average="none")
        else:
            measure_each = getattr(classification, f"multilabel_{name}")
            shape = (outcome.rows, count)
            values = measure_each(
                predicted.reshape(shape), labels.reshape(shape), num_labels=count, average="none"
            )
        found[name] = [float(each) for each in np.atleast_1d(values.numpy())]
    rows = outcome.counts.sum(axis=1) if isinstance(outcome, Classes) else outcome.labels.sum(axis=0)
    columns = zip(outcome.names, rows, *found.values(), strict=True)
    return [
        {"name": name, "rows": int(support), "precision": precision, "recall": recall, "f1": f1}
        for name, support, precision, recall, f1 in columns
    ]


def one_class_curves(scores: NDArray[np.float64], truth: NDArray[np.bool_]) -> dict[str, Any] | None:
    """Compute the ROC curve and precision over recall of one class, each of at most 200 points.

    Returns:
        None if the rows are all of the class, or none is.
    """
    if not 0 < truth.sum() < len(truth):
        return None
    from torchmetrics.functional import classification

    said, true = _to_tensor(scores), _to_tensor(truth.astype(np.int64))
    false_rate, true_rate, _ = classification.binary_roc(said, true)
    precision, recall, _ = classification.binary_precision_recall_curve(said, true)
    keep, kept = _thin(false_rate, true_rate), _thin(recall, precision)
    return {
        "auc": float(classification.binary_auroc(said, true)),
        "average_precision": float(classification.binary_average_precision(said, true)),
        "false_positive_rate": _round(false_rate[keep]),
        "true_positive_rate": _round(true_rate[keep]),
        "recall": _round(recall[kept]),
        "precision": _round(precision[kept]),
    }


def _thin(x: Tensor, y: Tensor) -> NDArray[np.int64]:
    """Choose points of a curve at equal distances along it."""
    lengths = torch.cat([torch.zeros(1), (x.diff().abs() + y.diff().abs()).cumsum(0).cpu()]).numpy()
    marks = np.linspace(0, lengths[-1], MOST_POINTS)
    return np.unique([0, *np.searchsorted(lengths, marks).clip(max=len(lengths) - 1), len(lengths) - 1])


def _round(values: Any) -> list[float]:
    return [round(float(each), 4) for each in values]
