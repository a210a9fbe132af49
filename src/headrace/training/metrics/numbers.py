"""Metrics of numbers, and of quantiles of numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from headrace.errors import UsageError
from headrace.training.metrics.metric import Metric, Metrics

__all__ = ["NUMBER_METRICS", "QUANTILE_METRICS", "NumberScores", "QuantileScores", "compute_pinball"]


@dataclass(frozen=True)
class NumberScores:
    """What a network says about the numbers of all rows, on the CPU.

    Attributes:
        predicted: float64 [N, numbers], in the units of the labels.
        labels: float64 [N, numbers].
    """

    predicted: Tensor
    labels: Tensor


@dataclass(frozen=True)
class QuantileScores:
    """What a network says about the quantiles of the label of all rows, on the CPU.

    Attributes:
        predicted: float64 [N, quantiles], in ascending order.
        labels: float64 [N].
        levels: The quantiles, float64 [quantiles], between 0 and 1.
    """

    predicted: Tensor
    labels: Tensor
    levels: Tensor


def compute_pinball(predicted: Tensor, labels: Tensor, levels: Tensor) -> Tensor:
    """Compute the pinball loss of each quantile [N, quantiles], in units of the labels [N].

    R. Koenker, G. Bassett, Regression Quantiles, Econometrica 46 (1978).
    """
    errors = labels[:, None] - predicted
    return (levels * errors).maximum((levels - 1) * errors)


def _average_error(function: str) -> Callable[[NumberScores], float]:
    """Make a metric of torchmetrics; of several numbers the mean."""

    def compute(scores: NumberScores) -> float:
        from torchmetrics.functional import regression

        return float(getattr(regression, function)(scores.predicted, scores.labels))

    return compute


def _compute_root_mean_square(scores: NumberScores) -> float:
    return float(((scores.predicted - scores.labels) ** 2).mean().sqrt())


def _find_median_error(scores: NumberScores) -> float:
    errors = (scores.predicted - scores.labels).abs().numpy()
    return float(np.median(errors, axis=0).mean())  # torch takes the lower of the two middle values


def _compute_determination(scores: NumberScores) -> float:
    from torchmetrics.functional.regression import r2_score

    labels = scores.labels
    if len(labels) < 2 or bool((labels == labels[:1]).all(dim=0).any()):
        hint = "validate on rows with different labels, or choose another metric"
        raise UsageError("metrics: 'r2' is not defined: all labels are equal", hint=hint)
    return float(r2_score(scores.predicted, labels))


NUMBER_METRICS: Metrics = {
    "rmse": Metric(_compute_root_mean_square, larger_is_better=False),
    "mae": Metric(_average_error("mean_absolute_error"), larger_is_better=False),
    "median_ae": Metric(_find_median_error, larger_is_better=False),
    "mape": Metric(_average_error("mean_absolute_percentage_error"), larger_is_better=False),
    "r2": Metric(_compute_determination),
}


def _average_pinball(scores: QuantileScores) -> float:
    return float(compute_pinball(scores.predicted, scores.labels, scores.levels).mean())


def _measure_shares(scores: QuantileScores) -> Mapping[str, float]:
    """Measure the share of labels at or below each quantile, which should be its level."""
    shares = (scores.labels[:, None] <= scores.predicted).double().mean(dim=0)
    return {
        f"share_below_{level:g}": share
        for level, share in zip(scores.levels.tolist(), shares.tolist(), strict=True)
    }


def _measure_calibration(scores: QuantileScores) -> float:
    shares = (scores.labels[:, None] <= scores.predicted).double().mean(dim=0)
    return float((shares - scores.levels).abs().mean())


QUANTILE_METRICS: Metrics = {
    "pinball": Metric(_average_pinball, larger_is_better=False),
    "shares_below": Metric(_measure_shares, several=True),
    "calibration_error": Metric(_measure_calibration, larger_is_better=False),
}
