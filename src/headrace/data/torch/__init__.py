"""Record batches as torch tensors."""

from __future__ import annotations

from headrace import extras

extras.require("torch", extra="train", purpose="Dataset.to_torch")

from headrace.data.torch.batches import TorchBatches, TorchIterator
from headrace.data.torch.tensors import Tensors, to_tensors

__all__ = ["Tensors", "TorchBatches", "TorchIterator", "to_tensors"]
