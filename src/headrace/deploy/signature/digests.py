"""What a file was exported from, as digests: of the transform, of the weights, of the head."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import torch
from torch import nn

from headrace.heads import Head
from headrace.transform import Transform

__all__ = ["digest_parts", "digest_weights"]


def digest_parts(transform: Transform, weights: str, head: Head) -> dict[str, str]:
    """Return a digest of each part: "transform" with its vocabularies and statistics, "weights", "head".

    Args:
        transform: The transform.
        weights: What `digest_weights` returned before the network was called.
        head: The head.
    """
    return {"transform": transform.fingerprint, "weights": weights, "head": _digest_head(head)}


def _digest_head(head: Head) -> str:
    """Digest the class, the outputs and the attributes that are values of JSON or lists of them."""
    attributes = {name: value for name, value in sorted(vars(head).items()) if _is_json(value)}
    content = [type(head).__qualname__, list(head.outputs), attributes]
    return hashlib.blake2b(json.dumps(content, default=list).encode(), digest_size=16).hexdigest()


def _is_json(value: object) -> bool:
    items = list(value) if isinstance(value, list | tuple | np.ndarray) else [value]
    return all(isinstance(each, str | int | float | None) for each in items)


def digest_weights(network: nn.Module) -> str:
    """Digest weights and buffers with their names, types and shapes; they are equal on every device."""
    network = getattr(network, "_orig_mod", network)  # of torch.compile
    if isinstance(network, nn.DataParallel | nn.parallel.DistributedDataParallel):
        network = network.module
    digest = hashlib.blake2b(digest_size=16)
    for name, tensor in sorted(network.state_dict().items()):
        if isinstance(tensor, torch.Tensor):
            digest.update(f"{name} {tensor.dtype} {list(tensor.shape)} ".encode())
            flat = tensor.detach().cpu().contiguous().reshape(-1)
            digest.update(flat.view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
