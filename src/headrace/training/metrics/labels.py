"""Metrics of several labels at once: each is there or not, in every row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from headrace.training.metrics.classes import average_defined, rank_scores
from headrace.training.metrics.metric import RECALLS, Metric, Metrics

__all__ = ["LABEL_METRICS", "LabelScores"]


@dataclass(frozen=True)
class LabelScores:
    """What a network says about every label of all rows, on the CPU.

    Attributes:
        logits: float64 [N, labels].
        labels: int64 [N, labels], 0 or 1.
        predicted: int64 [N, labels], 0 or 1.
        names: The name of each label.
    """

    logits: Tensor
    labels: Tensor
    predicted: Tensor
    names: tuple[str, ...]


def _average_area(name: str, function: str) -> Callable[[LabelScores], float]:
    """Make a metric of the order of scores: the mean over the labels that some rows have and others lack."""

    def compute(scores: LabelScores) -> float:
        from torchmetrics.functional import classification

        measure: Any = getattr(classification, function)
        counts = scores.labels.sum(dim=0)
        defined = (counts > 0) & (counts < len(scores.labels))
        values = [
            float(measure(rank_scores(column), truth)) if is_defined else 0.0
            for column, truth, is_defined in zip(
                scores.logits.unbind(dim=1), scores.labels.unbind(dim=1), defined.tolist(), strict=True
            )
        ]
        return average_defined(name, torch.tensor(values), defined)

    return compute


def _average_counts(function: str, average: str) -> Callable[[LabelScores], float]:
    def compute(scores: LabelScores) -> float:
        from torchmetrics.functional import classification

        count = scores.labels.shape[1]
        if count == 1:  # which torchmetrics does not take for several labels
            measure: Any = getattr(classification, f"binary_{function}")
            return float(measure(scores.predicted[:, 0], scores.labels[:, 0]))
        measure = getattr(classification, f"multilabel_{function}")
        return float(measure(scores.predicted, scores.labels, num_labels=count, average=average))

    return compute


def _count_right(scores: LabelScores) -> float:
    return float((scores.predicted == scores.labels).double().mean())


def _count_right_rows(scores: LabelScores) -> float:
    return float((scores.predicted == scores.labels).all(dim=1).double().mean())


def _list_recalls(scores: LabelScores) -> Mapping[str, float]:
    supports = scores.labels.sum(dim=0).double()
    recalls = (scores.labels * scores.predicted).sum(dim=0) / supports
    return {
        f"recall_{name}": float(recalls[number])
        for number, name in enumerate(scores.names)
        if supports[number] > 0
    }


def _compute_log_loss(scores: LabelScores) -> float:
    return float(F.binary_cross_entropy_with_logits(scores.logits, scores.labels.double()))


def _compute_brier_score(scores: LabelScores) -> float:
    return float(((scores.logits.sigmoid() - scores.labels) ** 2).mean())


LABEL_METRICS: Metrics = {
    "accuracy": Metric(_count_right),
    "exact_match": Metric(_count_right_rows),
    "auc": Metric(_average_area("auc", "binary_auroc")),
    "average_precision": Metric(_average_area("average_precision", "binary_average_precision")),
    "f1": Metric(_average_counts("f1_score", "macro")),
    "f1_micro": Metric(_average_counts("f1_score", "micro")),
    "precision": Metric(_average_counts("precision", "macro")),
    "recall": Metric(_average_counts("recall", "macro")),
    RECALLS: Metric(_list_recalls, several=True),
    "log_loss": Metric(_compute_log_loss, larger_is_better=False),
    "brier": Metric(_compute_brier_score, larger_is_better=False),
}
