"""Mixup: blending images and labels in pairs."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn.functional import one_hot

from headrace.arguments import check_integer, check_number
from headrace.errors import UsageError

__all__ = ["Mixup"]


@dataclass(frozen=True)
class Mixup:
    """Blends each image, and its label, with another image of the batch.

    H. Zhang et al., mixup: Beyond Empirical Risk Minimization, ICLR 2018, arXiv:1710.09412.

    Attributes:
        alpha: Weights are drawn from Beta(alpha, alpha): near 0 or 1 for a small alpha, uniform for 1.
        classes: Number of classes; integer labels become probabilities [N, classes].
    """

    alpha: float = 0.2
    classes: int | None = None

    def __post_init__(self) -> None:
        """Check the numbers."""
        check_number(self.alpha, "alpha of Mixup", above=0)
        if self.classes is not None:
            check_integer(self.classes, "classes of Mixup", 1)

    def __call__(self, images: Tensor, labels: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
        """Blend images and labels; images keep their dtype, labels become floating-point.

        Raises:
            UsageError: `classes` is missing or too small for integer labels.
        """
        partners, weights = self._sample(len(images), generator)
        partners, weights = partners.to(images.device), weights.to(images.device)
        targets = self._probabilities(labels)
        return _blend(images, partners, weights), _blend(targets, partners, weights)

    def _sample(self, count: int, generator: Generator) -> tuple[Tensor, Tensor]:
        """Sample partners, int64 [count], and weights of the image itself, float32 [count]."""
        device = generator.device
        partners = torch.randperm(count, generator=generator, device=device)
        first, second = _log_gamma_variates(self.alpha, (2, count), generator)
        return partners, torch.sigmoid(first - second).float()

    def _probabilities(self, labels: Tensor) -> Tensor:
        """Return floating-point labels unchanged and integer labels one-hot encoded."""
        if labels.is_floating_point():
            return labels
        if self.classes is None or not 0 <= int(labels.min()) <= int(labels.max()) < self.classes:
            what = f"Mixup(classes={self.classes}) got labels from {labels.min()} to {labels.max()}"
            raise UsageError(what, hint="pass the number of classes to Mixup")
        return one_hot(labels.long(), self.classes).float()


def _log_gamma_variates(shape: float, size: tuple[int, int], generator: Generator) -> Tensor:
    """Sample logarithms of Gamma(`shape`) variates, which underflow to zero themselves if `shape` is small.

    A Gamma(shape) variate is a Gamma(shape + 1) variate times a uniform variate to the power of 1 / shape.
    """
    shapes = torch.full(size, shape + 1, dtype=torch.float64, device=generator.device)
    variates = torch._standard_gamma(shapes, generator=generator)  # pyright: ignore
    uniform = torch.rand(size, dtype=torch.float64, generator=generator, device=generator.device)
    return variates.log() + uniform.clamp(min=1e-18).log() / shape


def _blend(values: Tensor, partners: Tensor, weights: Tensor) -> Tensor:
    """Average values [N, ...] and those of their partners by `weights`."""
    floats = values if values.is_floating_point() else values.float()
    weights = weights.to(floats.dtype).reshape(-1, *[1] * (floats.ndim - 1))
    blended = torch.lerp(floats[partners], floats, weights)
    return blended if values.is_floating_point() else blended.round_().to(values.dtype)
