"""Text encoding as the sum of the words' embeddings over the square root of their number."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Protocol, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from headrace.arguments import check_integer, check_number
from headrace.errors import UsageError
from headrace.nn.read_vectors import read_vectors

__all__ = ["BagOfEmbeddings", "RaggedTensor", "sum_rows"]

_BLOCK = 16


class RaggedTensor(Protocol):
    """Concatenated rows of any length: row i is `values[row_splits[i]:row_splits[i + 1]]`."""

    @property
    def values(self) -> Tensor:
        """Word indices, int64 [total]."""
        ...

    @property
    def row_splits(self) -> Tensor:
        """Row offsets, int64 [rows + 1], from 0 to total."""
        ...


class BagOfEmbeddings(nn.Module):
    """The sum of a row's embeddings over the square root of the row's length: `sum / sqrt(n)`.

    The mean shrinks and the sum grows with the length of a text; the magnitude of `sum / sqrt(n)` depends
    little on the length. The result of an empty row is zeros. Two implementations compute the same values:
    `F.embedding_bag`, and during export sums of blocks of 16 words, which ONNX can express for any number of
    rows and words: the blocks inside a row by a difference of prefix sums, and the words around them. The
    prefix sums are float64, so that the subtraction loses no float32 precision.

    Args:
        num_embeddings: Number of words; indices are below it.
        embedding_dim: Size of an embedding.
        max_norm: Embeddings with a larger norm are scaled down to it; None for no limit.

    Raises:
        UsageError: A size is not an integer above 0, or `max_norm` is not a number above 0.

    Example:
        >>> from headrace.columns import Ragged
        >>> bag = BagOfEmbeddings(1000, 16)
        >>> bag(Ragged(torch.tensor([4, 8, 15]), torch.tensor([0, 2, 2, 3]))).shape
        torch.Size([3, 16])
    """

    def __init__(self, num_embeddings: int, embedding_dim: int, *, max_norm: float | None = None) -> None:
        super().__init__()
        self.num_embeddings = check_integer(num_embeddings, "num_embeddings", 1)
        self.embedding_dim = check_integer(embedding_dim, "embedding_dim", 1)
        self.max_norm = None if max_norm is None else check_number(max_norm, "max_norm", above=0)
        self.weight = nn.Parameter(torch.empty(self.num_embeddings, self.embedding_dim))
        nn.init.uniform_(self.weight, -0.05, 0.05)

    @classmethod
    def from_vectors(
        cls,
        path: str | os.PathLike[str],
        vocabulary: Sequence[str],
        *,
        num_embeddings: int | None = None,
        max_norm: float | None = None,
    ) -> Self:
        """Create a bag whose embeddings are pretrained vectors; only those of the vocabulary are in memory.

        Formats: text, a word and its numbers per line, with or without a first line `count size` (GloVe,
        word2vec, fastText's `.vec`), and word2vec's binary format. Words that the file lacks keep small
        random embeddings.

        Args:
            path: The file.
            vocabulary: The words, in the order of their numbers, such as `transform.vocabularies["words"]`.
            num_embeddings: Number of embeddings, with those of words outside the vocabulary; None is the size
                of the vocabulary.
            max_norm: See `BagOfEmbeddings`.

        Raises:
            UsageError: The file cannot be read, or holds none of the words.
            ModelError: The file is damaged, or has another format.

        Example:
            >>> import pathlib, tempfile
            >>> path = pathlib.Path(tempfile.mkdtemp()) / "vectors.txt"
            >>> _ = path.write_text(chr(10).join(["good 1.0 0.5", "bad -1.0 0.5"]))
            >>> BagOfEmbeddings.from_vectors(path, ["bad", "good"]).weight.tolist()
            [[-1.0, 0.5], [1.0, 0.5]]
        """
        words = list(vocabulary)
        count = len(words) if num_embeddings is None else check_integer(num_embeddings, "num_embeddings")
        if count < len(words):
            what = f"num_embeddings: expected {len(words):,} or more, as the vocabulary has, got {count:,}"
            raise UsageError(what, hint="leave num_embeddings out, or add the buckets of other words")
        vectors = read_vectors(path, {word: place for place, word in enumerate(words)})
        bag = cls(count, len(next(iter(vectors.values()))), max_norm=max_norm)
        with torch.no_grad():
            for place, vector in vectors.items():
                bag.weight[place] = torch.from_numpy(vector)
        return bag

    def forward(self, words: RaggedTensor) -> Tensor:
        """Encode words as float [rows, embedding_dim]."""
        splits = words.row_splits
        lengths = (splits[1:] - splits[:-1]).clamp(min=1).to(self.weight.dtype)
        return sum_rows(self._clipped_weight(), words) / lengths.sqrt().unsqueeze(1)

    def _clipped_weight(self) -> Tensor:
        if self.max_norm is None:
            return self.weight
        norms = self.weight.norm(dim=1, keepdim=True)
        return self.weight * (self.max_norm / norms.clamp(min=self.max_norm))

    def extra_repr(self) -> str:
        """Represent the sizes."""
        limit = "" if self.max_norm is None else f", max_norm={self.max_norm:g}"
        return f"{self.num_embeddings}, {self.embedding_dim}{limit}"


def sum_rows(weight: Tensor, words: RaggedTensor) -> Tensor:
    """Sum the rows of a table, float [words, n], over each row of words, as float [rows, n]."""
    is_traced = torch.jit.is_tracing()  # pyright: ignore[reportPrivateImportUsage] - loading torch.onnx takes long
    exporting = torch.compiler.is_exporting() or (is_traced and torch.onnx.is_in_onnx_export())
    compute = _sum_by_blocks if exporting else _sum_by_embedding_bag
    return compute(weight, words.values, words.row_splits)


def _sum_by_embedding_bag(weight: Tensor, values: Tensor, splits: Tensor) -> Tensor:
    return F.embedding_bag(values, weight, splits, mode="sum", include_last_offset=True)


def _sum_by_blocks(weight: Tensor, values: Tensor, splits: Tensor) -> Tensor:
    starts, ends = splits[:-1], splits[1:]
    values = F.pad(values, (0, _BLOCK - values.shape[0] % _BLOCK))
    sums = F.embedding(values.reshape(-1, _BLOCK), weight).sum(1).double()
    until = F.pad(sums.cumsum(0), (0, 0, 1, 0))
    first = ((starts + (_BLOCK - 1)).double() / _BLOCK).long()  # fewer ONNX nodes than a division of integers
    last = (ends.double() / _BLOCK).long().maximum(first)
    # The words before the first whole block, and those after the last.
    places = torch.stack([starts, last * _BLOCK], 1).unsqueeze(2) + torch.arange(_BLOCK, device=ends.device)
    is_inside = places < torch.stack([ends.minimum(first * _BLOCK), ends], 1).unsqueeze(2)
    outer = values.index_select(0, (places * is_inside).flatten()).reshape(-1, 2 * _BLOCK)
    rest = torch.bmm(is_inside.to(weight.dtype).reshape(-1, 1, 2 * _BLOCK), F.embedding(outer, weight))
    whole = until.index_select(0, last) - until.index_select(0, first)
    return whole.to(weight.dtype) + rest.squeeze(1)
