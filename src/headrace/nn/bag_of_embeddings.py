"""A text as the sum of its words' embeddings, over the square root of their number."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

__all__ = ["BagOfEmbeddings"]


class RaggedTensor(Protocol):
    """Rows of any length, end to end: row i is `values[row_splits[i]:row_splits[i + 1]]`."""

    @property
    def values(self) -> Tensor:
        """Word numbers, int64 [total]."""
        ...

    @property
    def row_splits(self) -> Tensor:
        """Where rows start, int64 [rows + 1], from 0 to total."""
        ...


class BagOfEmbeddings(nn.Module):
    """Mean of a row's embeddings times the square root of its length: `sum / sqrt(n)`.

    The mean alone shrinks as texts grow longer, the sum alone swells; between them the size of the result
    depends little on length. An empty row gives zeros. Two bodies give the same values: `F.embedding_bag` for
    training, and, while a model is being exported, a prefix sum of which rows are differences, which ONNX can
    say for any number of rows and words. The prefix sum is float64, so that subtraction loses nothing a
    float32 could hold.

    Args:
        num_embeddings: Words are numbered from 0 to this, exclusive.
        embedding_dim: Width of an embedding.
        max_norm: Embeddings longer than this are scaled down to it; None leaves them.

    Example:
        >>> from headrace.columns import Ragged
        >>> bag = BagOfEmbeddings(1000, 16)
        >>> bag(Ragged(torch.tensor([4, 8, 15]), torch.tensor([0, 2, 2, 3]))).shape
        torch.Size([3, 16])
    """

    def __init__(self, num_embeddings: int, embedding_dim: int, *, max_norm: float | None = None) -> None:
        super().__init__()
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.max_norm = max_norm
        self.weight = nn.Parameter(torch.empty(num_embeddings, embedding_dim))
        nn.init.uniform_(self.weight, -0.05, 0.05)

    def forward(self, words: RaggedTensor) -> Tensor:
        """Words to float [rows, embedding_dim]."""
        starts = words.row_splits
        exporting = torch.compiler.is_exporting() or torch.onnx.is_in_onnx_export()
        total = self._prefix_sums if exporting else self._bag
        lengths = (starts[1:] - starts[:-1]).clamp(min=1).to(self.weight.dtype)
        return total(words.values, starts) / lengths.sqrt().unsqueeze(1)

    def _bag(self, values: Tensor, starts: Tensor) -> Tensor:
        return F.embedding_bag(values, self._short_weight(), starts, mode="sum", include_last_offset=True)

    def _prefix_sums(self, values: Tensor, starts: Tensor) -> Tensor:
        words = F.embedding(values, self._short_weight()).double()
        sums = F.pad(words.cumsum(0), (0, 0, 1, 0))
        return (sums[starts[1:]] - sums[starts[:-1]]).to(self.weight.dtype)

    def _short_weight(self) -> Tensor:
        if self.max_norm is None:
            return self.weight
        norms = self.weight.norm(dim=1, keepdim=True)
        return self.weight * (self.max_norm / norms.clamp(min=self.max_norm))

    def extra_repr(self) -> str:
        """Sizes, for `print(model)`."""
        limit = "" if self.max_norm is None else f", max_norm={self.max_norm:g}"
        return f"{self.num_embeddings}, {self.embedding_dim}{limit}"
