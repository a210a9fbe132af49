"""Record batches as torch tensors, and datasets as torch datasets."""

from __future__ import annotations

from headrace import extras

extras.require("torch", extra="train", purpose="Dataset.to_torch")

from headrace.data.torch.batches import TorchBatches, TorchIterator
from headrace.data.torch.placement import Placement
from headrace.data.torch.rows import TorchRows
from headrace.data.torch.tensors import Tensors, to_tensors

__all__ = ["Placement", "Tensors", "TorchBatches", "TorchIterator", "TorchRows", "to_tensors"]
