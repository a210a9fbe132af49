"""Local response normalisation."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from headrace.arguments import check_integer, check_number
from headrace.vision.layers.spec import Shape

__all__ = ["LocalResponseNorm", "ResponseNorm"]


class LocalResponseNorm(nn.Module):
    """Local response normalisation across maps: b_i = a_i / (k + alpha * sum of a_j squared) ** beta.

    j ranges over the existing maps from i - r // 2 to i + r // 2. A. Krizhevsky et al., ImageNet
    Classification with Deep Convolutional Neural Networks, NIPS 2012. `alpha` multiplies the sum itself, as
    in the paper; `torch.nn.LocalResponseNorm` divides it by its `size` first.

    Args:
        r: Depth of the window: r // 2 maps on either side.
        k: Bias.
        alpha: Weight of the squares.
        beta: Exponent.

    Raises:
        UsageError: `r` is not an integer above 0, or another argument is not a number.
    """

    def __init__(self, r: int = 5, k: float = 2.0, alpha: float = 1e-4, beta: float = 0.75) -> None:
        super().__init__()
        self.r = check_integer(r, "r", 1)
        self.k = check_number(k, "k")
        self.alpha = check_number(alpha, "alpha")
        self.beta = check_number(beta, "beta")

    def forward(self, maps: Tensor) -> Tensor:
        """Normalise float [N, C, H, W]."""
        reach, depth = self.r // 2, maps.shape[1]
        squares = F.pad(maps.square(), (0, 0, 0, 0, reach, reach))
        total = squares[:, :depth]
        for shift in range(1, 2 * reach + 1):
            total = total + squares[:, shift : shift + depth]
        return maps * (self.k + self.alpha * total).pow(-self.beta)

    def extra_repr(self) -> str:
        """Represent the four hyperparameters."""
        return f"r={self.r}, k={self.k}, alpha={self.alpha}, beta={self.beta}"


@dataclass(frozen=True)
class ResponseNorm:
    """Spec of `LocalResponseNorm`."""

    r: int = 5
    k: float = 2.0
    alpha: float = 1e-4
    beta: float = 0.75

    def build(self, shape: Shape) -> tuple[nn.Module, Shape]:
        """See `LayerSpec.build`."""
        return LocalResponseNorm(self.r, self.k, self.alpha, self.beta), shape
