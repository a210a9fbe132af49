"""Metrics of predictions: by name for each task, and of arrays."""

from headrace.training.metrics.classes import CLASS_METRICS, ClassScores
from headrace.training.metrics.confusion import confusion_matrix, root_mean_squared_error
from headrace.training.metrics.labels import LABEL_METRICS, LabelScores
from headrace.training.metrics.metric import (
    LOSS,
    RECALLS,
    Metric,
    Metrics,
    Monitor,
    choose_metrics,
    choose_monitor,
)
from headrace.training.metrics.numbers import (
    NUMBER_METRICS,
    QUANTILE_METRICS,
    NumberScores,
    QuantileScores,
    compute_pinball,
)

__all__ = [
    "CLASS_METRICS",
    "LABEL_METRICS",
    "LOSS",
    "NUMBER_METRICS",
    "QUANTILE_METRICS",
    "RECALLS",
    "ClassScores",
    "LabelScores",
    "Metric",
    "Metrics",
    "Monitor",
    "NumberScores",
    "QuantileScores",
    "choose_metrics",
    "choose_monitor",
    "compute_pinball",
    "confusion_matrix",
    "root_mean_squared_error",
]
