"""What a file was exported from, as digests: of the transform, of the weights, of the head."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import numpy as np

from headrace.heads import Head, SeveralHeads
from headrace.transform import Transform

__all__ = ["digest_parts"]

# Attributes that heads of earlier versions did not have: their defaults are not in the digests of files.
_ADDED: Mapping[str, object] = {"size": 1, "temperature": None, "threshold": None}


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
    if isinstance(head, SeveralHeads):
        parts = [f"{key} {_digest_head(each)}" for key, each in head.heads.items()]
        return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
    attributes = {
        name: value
        for name, value in sorted(vars(head).items())
        if _is_json(value) and not (name in _ADDED and value == _ADDED[name])
    }
    content = [type(head).__qualname__, list(head.outputs), attributes]
    return hashlib.blake2b(json.dumps(content, default=list).encode(), digest_size=16).hexdigest()


def _is_json(value: object) -> bool:
    items = list(value) if isinstance(value, list | tuple | np.ndarray) else [value]
    return all(isinstance(each, str | int | float | None) for each in items)
