"""What steps share that mix the images of a batch in pairs."""

from __future__ import annotations

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


def blend_labels(labels: Tensor, classes: int | None, partners: Tensor, weights: Tensor, name: str) -> Tensor:
    """Average labels and those of their partners; integer labels become probabilities [N, classes].

    Raises:
        UsageError: `classes` is missing or too small for integer labels.
    """
    if labels.is_floating_point():
        return blend(labels, partners, weights)
    labels = labels.long()
    if classes is None or (len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < classes):
        found = f"labels from {labels.min()} to {labels.max()}" if len(labels) else "integer labels"
        what = f"{name}(classes={classes}) got {found}"
        raise UsageError(what, hint=f"pass the number of classes to {name}")
    return blend(one_hot(labels, classes).float(), partners, weights)
