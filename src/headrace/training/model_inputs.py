"""Batches of tensors as the inputs of a model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from headrace.errors import HeadraceError, SchemaError
from headrace.heads import check_tensor
from headrace.nn import describe_failure

__all__ = [
    "Features",
    "call_model",
    "digest_batch",
    "find_not_finite",
    "split_label",
]

Features = Mapping[str, Any]  # name to Tensor, or to Ragged of tensors


def split_label(batch: Features, label: str) -> tuple[Features, Tensor]:
    """Split a batch into its features and its label column.

    Raises:
        SchemaError: The batch lacks the label column, or has no other column.
    """
    if label not in batch:
        raise SchemaError(
            "the label is not among the batch's columns: " + ", ".join(batch),
            feature=label,
            hint="name the label column, or return it from the preprocessing function",
        )
    features = {name: value for name, value in batch.items() if name != label}
    if not features:
        raise SchemaError(
            "the label is the only column of the batch",
            feature=label,
            hint="return features from the preprocessing function, too",
        )
    return features, batch[label]


def find_not_finite(features: Features, labels: Tensor, label: str) -> str | None:
    """Name the first label or feature of a batch that is NaN or infinite, and its row; None if none is."""
    named = [(f"feature '{name}'", tensor) for name, tensor in _iterate_tensors(features)]
    for name, tensor in [(f"label '{label}'", labels), *named]:
        if not tensor.is_floating_point() or bool(torch.isfinite(tensor).all()):
            continue
        places = (~torch.isfinite(tensor)).nonzero()
        row, value = int(places[0, 0]), tensor[tuple(places[0])].item()
        rows = len(places[:, 0].unique())
        more = f" and in {rows - 1:,} more rows" if rows > 1 else ""
        return f"{name} is {value} in row {row} of the batch{more}"
    return None


def call_model(model: Callable[..., object], features: Features) -> Tensor:
    """Call `model(x)` with one feature, `model(**features)` with several.

    Raises:
        ModelError: The model fails on these features, or does not return a tensor.
    """
    return check_tensor(_call(model, features))


def _call(model: Callable[..., object], features: Features) -> object:
    try:
        return model(*features.values()) if len(features) == 1 else model(**features)
    except (HeadraceError, torch.OutOfMemoryError):
        raise
    except Exception as error:
        inputs = ", ".join(f"{name} {_describe(tensor)}" for name, tensor in _iterate_tensors(features))
        hint = _find_cause(str(error), features)
        raise describe_failure(error, model, inputs, hint) from error


def _find_cause(error: str, features: Features) -> str:
    """Write the hint for an error of torch."""
    if "more than 1 value per channel" in error:
        return "batch normalisation cannot train on one row: use more rows and a batch_size of 2 or more"
    if any(isinstance(value, Tensor) and value.dtype == torch.uint8 for value in features.values()):
        return "cast integers to floats in the preprocessing function, as in image / 255"
    if "unexpected keyword argument" in error or "required positional argument" in error:
        return f"name the arguments of forward as the columns: {', '.join(features)}"
    return "build it for these shapes and types"


def _describe(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')}{list(tensor.shape)}"


def _iterate_tensors(batch: Features) -> Iterator[tuple[str, Tensor]]:
    for name, value in batch.items():
        if isinstance(value, Tensor):
            yield name, value
        else:
            yield f"{name}.values", value.values
            yield f"{name}.row_splits", value.row_splits


def digest_batch(batch: Features) -> str:
    """Return a short digest of a batch's names, types, shapes and values."""
    digest = hashlib.blake2b(digest_size=8)
    for name, tensor in _iterate_tensors(batch):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
