"""The number of threads of a training: small networks train on one."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["is_small", "use_threads"]

# Multiply-adds of a forward pass up to which one thread is used: below, a second thread of an idle machine
# has little to do, and on a busy machine the threads of OpenMP spin while they wait for each other. With two
# CPUs of which nine processes had a share, two threads took 10 to 30 times as long as one.
_MOST_PRODUCTS = 1 << 22
_OVER_SEQUENCES = (nn.Conv1d, nn.ConvTranspose1d, nn.RNNBase, nn.MultiheadAttention)


@contextmanager
def use_threads(model: nn.Module, features: Mapping[str, Any], batch_size: int) -> Generator[None]:
    """Let torch use one thread for a small network inside a `with` block."""
    before = torch.get_num_threads()
    if before > 1 and is_small(model, features, batch_size):
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def is_small(model: nn.Module, features: Mapping[str, Any], batch_size: int) -> bool:
    """Return whether one thread is enough for a network of dense layers on vectors.

    Its weights times the rows of a batch are its multiply-adds; embeddings are looked up. Convolutions,
    sequences and images use each weight many times, and are never small. Embeddings of the numbers of a
    table, [columns, bins, size], use each once.
    """
    if any(not isinstance(each, Tensor) or each.ndim > 2 for each in features.values()):
        return False
    embedded = [each for each in model.modules() if isinstance(each, nn.Embedding | nn.EmbeddingBag)]
    looked_up = sum(weight.numel() for each in embedded for weight in each.parameters())
    weights = list(model.parameters())
    if any(weight.ndim > 3 for weight in weights) or any(
        isinstance(each, _OVER_SEQUENCES) for each in model.modules()
    ):
        return False
    return (sum(weight.numel() for weight in weights) - looked_up) * batch_size <= _MOST_PRODUCTS
