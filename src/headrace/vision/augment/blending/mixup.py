"""Mixup: blending images and labels in pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Generator, Tensor

from headrace.arguments import check_integer, check_number
from headrace.vision.augment.blending.blend import blend, blend_labels, sample_beta, sample_partners

__all__ = ["Mixup"]


@dataclass(frozen=True)
class Mixup:
    """Blends each image, and its label, with another image of the batch.

    H. Zhang et al., mixup: Beyond Empirical Risk Minimization, ICLR 2018, arXiv:1710.09412.

    Attributes:
        alpha: Weights are drawn from Beta(alpha, alpha): near 0 or 1 for a small alpha, uniform for 1.
        classes: Number of classes; class numbers become probabilities [N, classes]. Floats, and zeros and
            ones of several classes, [N, classes], do not need it.
    """

    alpha: float = 0.2
    classes: int | None = None

    def __post_init__(self) -> None:
        """Check the numbers."""
        check_number(self.alpha, "alpha of Mixup", above=0)
        if self.classes is not None:
            check_integer(self.classes, "classes of Mixup", 1)

    def __call__(self, images: Tensor, labels: Any, generator: Generator) -> tuple[Tensor, Any]:
        """Blend images and labels; images keep their dtype, labels become floating-point.

        Raises:
            UsageError: `classes` is missing or too small for integer labels.
        """
        partners, weights = (each.to(images.device) for each in self._sample(len(images), generator))
        targets = blend_labels(labels, self.classes, partners, weights, "Mixup")
        return blend(images, partners, weights), targets

    def _sample(self, count: int, generator: Generator) -> tuple[Tensor, Tensor]:
        """Sample partners, int64 [count], and weights of the image itself, float32 [count]."""
        return sample_partners(count, generator), sample_beta(self.alpha, count, generator)
