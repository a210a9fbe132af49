"""The model's door: what a batch of tensors is to a model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from headrace.errors import ModelError, SchemaError

__all__ = ["call", "call_with_heads", "fingerprint", "row_count", "split_label"]

Features = Mapping[str, Any]  # name to Tensor, or to Ragged of tensors


def split_label(batch: Features, label: str) -> tuple[Features, Tensor]:
    """The features of a batch, and its label column.

    Raises:
        SchemaError: No such column, or no other column.
    """
    if label not in batch:
        raise SchemaError(
            "the label is not among the batch's columns: " + ", ".join(batch),
            feature=label,
            hint="name the label column, or let the preprocessing function return it",
        )
    features = {name: value for name, value in batch.items() if name != label}
    if not features:
        raise SchemaError("nothing but the label in the batch", feature=label, hint="return features too")
    return features, batch[label]


def call(model: Callable[..., object], features: Features) -> Tensor:
    """`model(x)` for one feature, `model(**features)` for several.

    Raises:
        ModelError: The model fails on these features, or gave something other than a tensor.
    """
    outputs = _called(model, features)
    if not isinstance(outputs, Tensor):
        raise ModelError(f"the model gave {type(outputs).__name__}", hint="return one tensor from forward")
    return outputs


def call_with_heads(model: Callable[..., object], features: Features) -> tuple[Tensor, ...]:
    """`call` for a model that gives its auxiliary heads' outputs, too: those come after its own.

    Raises:
        ModelError: The model fails on these features, or gave something other than tensors.
    """
    outputs = _called(model, features)
    if not isinstance(outputs, tuple) or not all(isinstance(each, Tensor) for each in outputs):
        raise ModelError(
            f"the model gave {type(outputs).__name__}", hint="return a tuple of tensors in training"
        )
    return outputs


def _called(model: Callable[..., object], features: Features) -> object:
    try:
        return model(*features.values()) if len(features) == 1 else model(**features)
    except torch.OutOfMemoryError:
        raise
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        given = ", ".join(f"{name} {_describe(tensor)}" for name, tensor in _leaves(features))
        what = f"the model fails on {given}: {type(error).__name__}: {error}"
        raise ModelError(what, hint="build it for these shapes and types") from error


def _describe(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')}{list(tensor.shape)}"


def _leaves(batch: Features) -> Iterator[tuple[str, Tensor]]:
    for name, value in batch.items():
        if isinstance(value, Tensor):
            yield name, value
        else:
            yield f"{name}.values", value.values
            yield f"{name}.row_splits", value.row_splits


def row_count(batch: Features) -> int:
    """Rows in a batch."""
    value = next(iter(batch.values()))
    return len(value) if isinstance(value, Tensor) else len(value.row_splits) - 1


def fingerprint(batch: Features) -> str:
    """A short digest of a batch's names, types, shapes and values: other data, another digest."""
    digest = hashlib.blake2b(digest_size=8)
    for name, tensor in _leaves(batch):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
