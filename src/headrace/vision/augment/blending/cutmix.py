"""CutMix: a rectangle of another image, and a share of its label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Generator, Tensor

from headrace.arguments import check_integer, check_number
from headrace.vision.augment.blending.blend import blend_labels, sample_beta, sample_partners

__all__ = ["CutMix"]


@dataclass(frozen=True)
class CutMix:
    """Replaces a rectangle of each image by that of another image of the batch; blends labels by the areas.

    S. Yun et al., CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features, ICCV
    2019, arXiv:1905.04899. The rectangle has the image's proportions and is centred at a random pixel; what
    extends over the edges is cut off, and the labels are blended by the area that is left.

    Attributes:
        alpha: Shares of the image itself are drawn from Beta(alpha, alpha): uniform for 1, as in the paper.
        classes: Number of classes; class numbers become probabilities [N, classes]. Floats, and zeros and
            ones of several classes, [N, classes], do not need it.
    """

    alpha: float = 1.0
    classes: int | None = None

    def __post_init__(self) -> None:
        """Check the numbers."""
        check_number(self.alpha, "alpha of CutMix", above=0)
        if self.classes is not None:
            check_integer(self.classes, "classes of CutMix", 1)

    def __call__(self, images: Tensor, labels: Any, generator: Generator) -> tuple[Tensor, Any]:
        """Mix images and labels; images keep their dtype, labels become floating-point.

        Raises:
            UsageError: `classes` is missing or too small for integer labels.
        """
        height, width = images.shape[2:]
        partners = sample_partners(len(images), generator).to(images.device)
        sides = (1 - sample_beta(self.alpha, len(images), generator)).clamp(min=0).sqrt().to(images.device)
        rows, columns = (_sample_line(sides, side, generator) for side in (height, width))
        is_inside = rows[:, None, :, None] & columns[:, None, None]
        weights = 1 - rows.float().mean(1) * columns.float().mean(1)
        targets = blend_labels(labels, self.classes, partners, weights, "CutMix")
        return torch.where(is_inside, images[partners], images), targets


def _sample_line(sides: Tensor, length: int, generator: Generator) -> Tensor:
    """Sample which pixels of a side are replaced, bool [N, length], for rectangles of a share of the side."""
    device = generator.device
    middle = torch.randint(length, (len(sides),), generator=generator, device=device).to(sides.device)
    size = (sides * length).long()
    first = middle - size // 2
    positions = torch.arange(length, device=sides.device)
    return (positions >= first[:, None]) & (positions < (first + size)[:, None])
