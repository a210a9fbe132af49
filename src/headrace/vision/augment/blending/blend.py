"""What steps share that mix the images of a batch in pairs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Generator, Tensor
from torch.nn.functional import one_hot

from headrace.errors import UsageError

__all__ = ["blend", "blend_labels", "sample_beta", "sample_partners"]

_CHUNK = 1 << 16  # values that stay in the cache of a core as floats


def sample_partners(count: int, generator: Generator) -> Tensor:
    """Sample a partner of each image, int64 [count]: a permutation."""
    return torch.randperm(count, generator=generator, device=generator.device)


def sample_beta(alpha: float, count: int, generator: Generator) -> Tensor:
    """Sample float32 [count] from Beta(alpha, alpha)."""
    first, second = _log_gamma_variates(alpha, (2, count), generator)
    return torch.sigmoid(first - second).float()


def _log_gamma_variates(shape: float, size: tuple[int, int], generator: Generator) -> Tensor:
    """Sample logarithms of Gamma(`shape`) variates, which underflow to zero themselves if `shape` is small.

    A Gamma(shape) variate is a Gamma(shape + 1) variate times a uniform variate to the power of 1 / shape.
    """
    shapes = torch.full(size, shape + 1, dtype=torch.float64, device=generator.device)
    variates = torch._standard_gamma(shapes, generator=generator)  # pyright: ignore
    uniform = torch.rand(size, dtype=torch.float64, generator=generator, device=generator.device)
    return variates.log() + uniform.clamp(min=1e-18).log() / shape


def blend(values: Tensor, partners: Tensor, weights: Tensor) -> Tensor:
    """Average values [N, ...] and those of their partners by `weights`; uint8 is rounded half to even."""
    if values.is_floating_point():
        return _average(values, values[partners], weights)
    blended = torch.empty_like(values)
    chunk = max(1, len(values) if values.is_cuda else _CHUNK // max(1, values[:1].numel()))
    for start in range(0, len(values), chunk):
        rows = slice(start, start + chunk)
        others = values[partners[rows]].float()
        blended[rows] = _average(values[rows].float(), others, weights[rows]).round_()
    return blended


def _average(values: Tensor, others: Tensor, weights: Tensor) -> Tensor:
    return torch.lerp(others, values, weights.to(values.dtype).reshape(-1, *[1] * (values.ndim - 1)))


def blend_labels(labels: Any, classes: int | None, partners: Tensor, weights: Tensor, name: str) -> Any:
    """Average labels and those of their partners; class numbers become probabilities [N, classes].

    Labels of zeros and ones, [N, classes], are those of several classes at once: they stay one for each
    class. Of a dict of labels by output, each is averaged by the same weights.

    Raises:
        UsageError: `classes` is missing or too small for integer labels.
    """
    if isinstance(labels, Mapping):
        return {
            output: blend_labels(each, classes, partners, weights, name) for output, each in labels.items()
        }
    if labels.is_floating_point():
        return blend(labels, partners, weights)
    labels = labels.long()
    low, high = (int(labels.min()), int(labels.max())) if labels.numel() else (0, 0)
    several = labels.ndim == 2 and labels.shape[1] > 1
    if several and classes in (None, labels.shape[1]) and 0 <= low <= high <= 1:
        return blend(labels.float(), partners, weights)
    if classes is None or not 0 <= low <= high < classes:
        found = f"labels from {low} to {high}" if labels.numel() else "integer labels"
        hint = f"pass the number of classes to {name}, or cast numbers of a regression to float32"
        raise UsageError(f"{name}(classes={classes}) got {found}", hint=hint)
    numbers = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
    return blend(one_hot(numbers, classes).float(), partners, weights)
