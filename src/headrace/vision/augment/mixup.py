"""Images and labels blended in pairs."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn.functional import one_hot

from headrace.errors import UsageError

__all__ = ["Mixup"]


@dataclass(frozen=True)
class Mixup:
    """Each image blended with another of its batch, and its label likewise.

    H. Zhang et al., mixup: Beyond Empirical Risk Minimization, ICLR 2018, arXiv:1710.09412.

    Attributes:
        alpha: Shares are drawn from Beta(alpha, alpha): near 0 or 1 for a small alpha, evenly for 1.
        classes: How many there are; integer labels become probabilities [N, classes].
    """

    alpha: float = 0.2
    classes: int | None = None

    def __call__(self, images: Tensor, labels: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
        """The pairs, blended: images of their dtype, labels of floating point.

        Raises:
            UsageError: An alpha that is not positive, or integer labels without `classes` or with too few.
        """
        partners, shares = self._draw(len(images), generator)
        partners, shares = partners.to(images.device), shares.to(images.device)
        targets = self._probabilities(labels)
        return _blend(images, partners, shares), _blend(targets, partners, shares)

    def _draw(self, count: int, generator: Generator) -> tuple[Tensor, Tensor]:
        """Partners, int64 [count], and own shares, float32 [count]."""
        if not self.alpha > 0:
            raise UsageError(f"Beta({self.alpha}, {self.alpha})", hint="give an alpha above zero")
        device = generator.device
        partners = torch.randperm(count, generator=generator, device=device)
        one, other = _log_gamma_variates(self.alpha, (2, count), generator)
        return partners, torch.sigmoid(one - other).float()

    def _probabilities(self, labels: Tensor) -> Tensor:
        """Labels that can be blended: floating-point ones as they are, integers as rows of 0 and 1."""
        if labels.is_floating_point():
            return labels
        if self.classes is None or not 0 <= int(labels.min()) <= int(labels.max()) < self.classes:
            what = f"Mixup has classes={self.classes} for labels from {labels.min()} to {labels.max()}"
            raise UsageError(what, hint="say how many classes there are")
        return one_hot(labels.long(), self.classes).float()


def _log_gamma_variates(shape: float, size: tuple[int, int], generator: Generator) -> Tensor:
    """Logarithms, since numbers from Gamma(`shape`) themselves would be zeros where `shape` is small.

    A number from Gamma(shape + 1), times a uniform one to the power of 1 / shape.
    """
    shapes = torch.full(size, shape + 1, dtype=torch.float64, device=generator.device)
    one_more = torch._standard_gamma(shapes, generator=generator)  # pyright: ignore
    power = torch.rand(size, dtype=torch.float64, generator=generator, device=generator.device)
    return one_more.log() + power.clamp(min=1e-18).log() / shape


def _blend(values: Tensor, partners: Tensor, shares: Tensor) -> Tensor:
    """`shares` of the values [N, ...] and the rest of their partners'."""
    work = values if values.is_floating_point() else values.float()
    own = shares.to(work.dtype).reshape(-1, *[1] * (work.ndim - 1))
    blended = torch.lerp(work[partners], work, own)
    return blended if values.is_floating_point() else blended.round_().to(values.dtype)
