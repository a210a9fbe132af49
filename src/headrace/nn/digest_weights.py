"""The digest of weights: what two models with the same weights share."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import torch
from torch import nn

__all__ = ["digest_tensors", "digest_weights"]


def digest_weights(network: nn.Module) -> str:
    """Digest weights and buffers with their names, types and shapes; they are equal on every device."""
    network = getattr(network, "_orig_mod", network)  # of torch.compile
    if isinstance(network, nn.DataParallel | nn.parallel.DistributedDataParallel):
        network = network.module
    return digest_tensors(network.state_dict())


def digest_tensors(tensors: Mapping[str, object]) -> str:
    """Digest tensors by name, as of a state dict; other values are left out."""
    digest = hashlib.blake2b(digest_size=16)
    for name, tensor in sorted(tensors.items()):
        if isinstance(tensor, torch.Tensor):
            digest.update(f"{name} {tensor.dtype} {list(tensor.shape)} ".encode())
            flat = tensor.detach().cpu().contiguous().reshape(-1)
            digest.update(flat.view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
