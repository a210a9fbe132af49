"""Metrics of classes: one class per row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from headrace.errors import UsageError
from headrace.training.metrics.metric import RECALLS, Metric, Metrics

__all__ = ["CLASS_METRICS", "ClassScores", "average_defined", "rank_scores"]


@dataclass(frozen=True)
class ClassScores:
    """What a classifier says about all rows, on the CPU.

    Attributes:
        logits: float64 [N, classes].
        labels: int64 [N]; of rows of probabilities the most likely class.
        predicted: int64 [N].
        targets: float64 [N, classes]: the probabilities that the labels give, or ones and zeros.
        names: The name of each class.
    """

    logits: Tensor
    labels: Tensor
    predicted: Tensor
    targets: Tensor
    names: tuple[str, ...]

    @property
    def classes(self) -> int:
        """The number of classes."""
        return self.logits.shape[1]

    @cached_property
    def probabilities(self) -> Tensor:
        """The probabilities, float64 [N, classes]."""
        return self.logits.softmax(dim=1)

    @cached_property
    def counts(self) -> Tensor:
        """Rows by true and by predicted class, float64 [classes, classes]."""
        pairs = self.labels * self.classes + self.predicted
        return torch.bincount(pairs, minlength=self.classes**2).view(self.classes, self.classes).double()

    @property
    def supports(self) -> Tensor:
        """The rows of each class, float64 [classes]."""
        return self.counts.sum(dim=1)


def rank_scores(scores: Tensor) -> Tensor:
    """Map scores [N] to [0, 1] in the same order: probabilities near 1 that rounding would tie stay apart."""
    ranks = torch.unique(scores, return_inverse=True)[1].double()
    return ranks / ranks.max().clamp(min=1)


def average_defined(name: str, values: Tensor, defined: Tensor) -> float:
    """Average a metric over the classes for which it is defined.

    Raises:
        UsageError: It is not defined for any class.
    """
    if not bool(defined.any()):
        hint = "validate on rows of every class (stratify=), or choose another metric"
        raise UsageError(f"metrics: '{name}' is not defined: the data has a single class", hint=hint)
    return float(values[defined].mean())


def _count_right(scores: ClassScores) -> float:
    return float((scores.predicted == scores.labels).double().mean())


def _average_area(name: str, function: str) -> Callable[[ClassScores], float]:
    """Make a metric of the order of scores: for two classes of the second, for more the mean, one-vs-rest."""

    def compute(scores: ClassScores) -> float:
        from torchmetrics.functional import classification

        measure: Any = getattr(classification, function)
        if scores.classes == 2:
            columns = [(1, scores.logits[:, 1] - scores.logits[:, 0])]
        else:
            columns = list(enumerate(scores.probabilities.unbind(dim=1)))
        values, defined = list[float](), list[bool]()
        for number, column in columns:
            truth = (scores.labels == number).long()
            defined.append(0 < int(truth.sum()) < len(truth))
            values.append(float(measure(rank_scores(column), truth)) if defined[-1] else 0.0)
        return average_defined(name, torch.tensor(values), torch.tensor(defined))

    return compute


def _average_counts(function: str) -> Callable[[ClassScores], float]:
    """Make a metric of predicted classes: for two classes of the second, for more the mean over classes."""

    def compute(scores: ClassScores) -> float:
        from torchmetrics.functional import classification

        if scores.classes == 2:
            return float(getattr(classification, f"binary_{function}")(scores.predicted, scores.labels))
        measure: Any = getattr(classification, f"multiclass_{function}")
        return float(measure(scores.predicted, scores.labels, num_classes=scores.classes, average="macro"))

    return compute


def _balance_accuracy(scores: ClassScores) -> float:
    recalls = scores.counts.diagonal() / scores.supports
    return average_defined("balanced_accuracy", recalls, scores.supports > 0)


def _list_recalls(scores: ClassScores) -> Mapping[str, float]:
    recalls = scores.counts.diagonal() / scores.supports
    present = scores.supports > 0
    return {
        f"recall_{name}": float(recalls[number])
        for number, name in enumerate(scores.names)
        if present[number]
    }


def _compute_log_loss(scores: ClassScores) -> float:
    return float(-(scores.targets * scores.logits.log_softmax(dim=1)).sum(dim=1).mean())


def _compute_brier_score(scores: ClassScores) -> float:
    squares = (scores.probabilities - scores.targets) ** 2
    return float((squares[:, 1] if scores.classes == 2 else squares.sum(dim=1)).mean())


CLASS_METRICS: Metrics = {
    "accuracy": Metric(_count_right),
    "auc": Metric(_average_area("auc", "binary_auroc")),
    "average_precision": Metric(_average_area("average_precision", "binary_average_precision")),
    "f1": Metric(_average_counts("f1_score")),
    "precision": Metric(_average_counts("precision")),
    "recall": Metric(_average_counts("recall")),
    "balanced_accuracy": Metric(_balance_accuracy),
    RECALLS: Metric(_list_recalls, several=True),
    "log_loss": Metric(_compute_log_loss, larger_is_better=False),
    "brier": Metric(_compute_brier_score, larger_is_better=False),
}
