"""Embeddings of numbers by the bins that they lie in, without jumps between bins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Self

import torch
from torch import Tensor, nn

from headrace.arguments import check_integer
from headrace.errors import UsageError

__all__ = ["PiecewiseLinearEmbeddings"]


class PiecewiseLinearEmbeddings(nn.Module):
    """Embeds each number by how far it has crossed each of its bins: `W e(x) + b`.

    `e(x)` has one entry per bin: 1 for bins below x, 0 for bins above, and in the bin of x the share of its
    width that lies below x; the first and the last bin go on beyond their outer edges (Y. Gorishniy, I.
    Rubachev, A. Babenko, On Embeddings for Numerical Features in Tabular Deep Learning, 2022,
    arXiv:2203.05556, section 3.2).

    Args:
        bins: For each number of a row, the edges of its bins: two or more, strictly increasing. Quantiles of
            the training data are a good choice, see `from_data`.
        embedding_dim: Size of an embedding.

    Raises:
        UsageError: The edges are not finite numbers in increasing order.

    Example:
        >>> embeddings = PiecewiseLinearEmbeddings([[0.0, 1.0, 10.0], [-1.0, 1.0]], embedding_dim=4)
        >>> embeddings.encode(torch.tensor([[5.5, 0.0]])).tolist()
        [[[1.0, 0.5], [0.5, 0.0]]]
        >>> embeddings(torch.zeros(8, 2)).shape
        torch.Size([8, 2, 4])
    """

    lower: Tensor
    width: Tensor
    least: Tensor
    most: Tensor

    def __init__(self, bins: Sequence[Any], embedding_dim: int = 8) -> None:
        super().__init__()
        edges = [_check_edges(each, place) for place, each in enumerate(bins)]
        if not edges:
            raise UsageError("bins: expected the edges of each number, got none", hint="pass one list each")
        self.embedding_dim = check_integer(embedding_dim, "embedding_dim", 1)
        self.features, count = len(edges), max(len(each) for each in edges) - 1
        # Numbers with fewer bins have empty ones at the end, whose entry is always 0.
        lower, width = torch.zeros(self.features, count), torch.ones(self.features, count)
        least, most = torch.zeros(self.features, count), torch.zeros(self.features, count)
        for place, each in enumerate(edges):
            known = len(each) - 1
            lower[place, :known], width[place, :known] = each[:-1], each.diff()
            most[place, :known] = 1
            least[place, 0], most[place, known - 1] = -math.inf, math.inf
        for name, value in (("lower", lower), ("width", width), ("least", least), ("most", most)):
            self.register_buffer(name, value)
        bound = 1 / math.sqrt(count)
        self.weight = nn.Parameter((torch.rand(self.features, count, self.embedding_dim) * 2 - 1) * bound)
        self.bias = nn.Parameter((torch.rand(self.features, self.embedding_dim) * 2 - 1) * bound)

    @classmethod
    def from_data(cls, values: Tensor, bins: int = 32, embedding_dim: int = 8) -> Self:
        """Create embeddings whose bins hold equal shares of the data.

        Args:
            values: Training data, float [rows, features].
            bins: Bins for each number; fewer for numbers with fewer distinct values.
            embedding_dim: Size of an embedding.

        Raises:
            UsageError: `values` is not [rows, features], has no rows, or holds NaN or infinity.
        """
        if values.ndim != 2 or not values.numel() or not bool(torch.isfinite(values).all()):
            what = f"values: expected finite numbers [rows, features], got shape {list(values.shape)}"
            raise UsageError(what, hint="fill in missing values first, and pass one row or more")
        shares = torch.linspace(0, 1, check_integer(bins, "bins", 1) + 1, dtype=torch.float64)
        columns = values.detach().cpu().double().sort(dim=0).values.unbind(1)
        return cls([_find_quantiles(each, shares) for each in columns], embedding_dim)

    def encode(self, numbers: Tensor) -> Tensor:
        """Compute the entries of each bin, float [rows, features, bins], for numbers [rows, features]."""
        share = (numbers.unsqueeze(2) - self.lower) / self.width
        return torch.minimum(torch.maximum(share, self.least), self.most)

    def forward(self, numbers: Tensor) -> Tensor:
        """Embed numbers, float [rows, features], as float [rows, features, embedding_dim]."""
        shares = self.encode(numbers).transpose(0, 1)
        return torch.baddbmm(self.bias.unsqueeze(1), shares, self.weight).transpose(0, 1)

    def extra_repr(self) -> str:
        """Represent the sizes."""
        return f"{self.features}, {self.embedding_dim}, bins={self.weight.shape[1]}"


def _check_edges(edges: Any, place: int) -> Tensor:
    tensor = torch.as_tensor(edges, dtype=torch.float32)
    if tensor.ndim != 1 or len(tensor) < 2 or not bool(torch.isfinite(tensor).all()):
        what = f"bins[{place}]: expected two or more finite edges, got {list(tensor.shape)}"
        raise UsageError(what, hint="pass the edges of the bins, such as quantiles of the data")
    if not bool((tensor.diff() > 0).all()):
        what = f"bins[{place}]: expected edges in increasing order"
        raise UsageError(what, hint="sort the edges, and drop those that are equal in float32")
    return tensor


def _find_quantiles(column: Tensor, shares: Tensor) -> Tensor:
    """Find the distinct quantiles of a sorted column, in float32; a constant has one bin around it."""
    places = (shares * (len(column) - 1)).round().long()
    edges = column[places].float().unique()
    return edges if len(edges) > 1 else torch.stack([edges[0] - 1, edges[0] + 1])
