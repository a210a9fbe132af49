"""Embeddings of numbers by cosines of learned frequencies."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from headrace.arguments import check_integer, check_number

__all__ = ["PeriodicEmbeddings"]


class PeriodicEmbeddings(nn.Module):
    """Embeds each number x as `[x, W cos(2 pi f x + p) + b]`, with weights of its own.

    A linear layer sees a number as one straight line; with an embedding it can bend the line at many places
    (Y. Gorishniy, I. Rubachev, A. Babenko, On Embeddings for Numerical Features in Tabular Deep Learning,
    2022, arXiv:2203.05556). The form with a phase and with x itself is "PBLD" of RealMLP (D. Holzmüller,
    L. Grinsztajn, I. Steinwart, Better by Default, 2024, arXiv:2407.04491).

    Args:
        features: How many numbers a row has.
        embedding_dim: Size of an embedding, x included; 2 or more.
        frequencies: Cosines for each number.
        frequency_scale: Standard deviation of the first frequencies, in periods per unit of x. The default
            fits numbers that are scaled to unit variance.

    Raises:
        UsageError: A size is out of range.

    Example:
        >>> PeriodicEmbeddings(3)(torch.zeros(8, 3)).shape
        torch.Size([8, 3, 4])
    """

    def __init__(
        self, features: int, embedding_dim: int = 4, *, frequencies: int = 16, frequency_scale: float = 0.1
    ) -> None:
        super().__init__()
        self.features = check_integer(features, "features", 1)
        self.embedding_dim = check_integer(embedding_dim, "embedding_dim", 2)
        self.frequency_scale = check_number(frequency_scale, "frequency_scale", above=0)
        frequencies = check_integer(frequencies, "frequencies", 1)
        self.frequency = nn.Parameter(torch.randn(features, frequencies) * self.frequency_scale)
        self.phase = nn.Parameter((torch.rand(features, frequencies) * 2 - 1) * math.pi)
        bound = 1 / math.sqrt(frequencies)
        size = self.embedding_dim - 1
        self.weight = nn.Parameter((torch.rand(features, frequencies, size) * 2 - 1) * bound)
        self.bias = nn.Parameter((torch.rand(features, size) * 2 - 1) * bound)

    def forward(self, numbers: Tensor) -> Tensor:
        """Embed numbers, float [rows, features], as float [rows, features, embedding_dim]."""
        angles = 2 * math.pi * self.frequency * numbers.unsqueeze(2) + self.phase
        waves = torch.cos(angles).transpose(0, 1)  # [features, rows, frequencies]
        mixed = torch.baddbmm(self.bias.unsqueeze(1), waves, self.weight).transpose(0, 1)
        return torch.cat([numbers.unsqueeze(2), mixed], dim=2)

    def extra_repr(self) -> str:
        """Represent the sizes."""
        return f"{self.features}, {self.embedding_dim}, frequencies={self.frequency.shape[1]}"
