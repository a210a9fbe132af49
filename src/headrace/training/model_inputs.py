"""Batches of tensors as the inputs of a model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from headrace.columns import Ragged, Strings, holds_strings
from headrace.errors import HeadraceError, UsageError
from headrace.heads import check_tensor
from headrace.nn import describe_failure
from headrace.suggestions import list_names
from headrace.training.tasks import Split, Targets

if TYPE_CHECKING:
    from headrace.data import Dataset

__all__ = [
    "Features",
    "call_model",
    "count_rows",
    "digest_batch",
    "find_not_finite",
    "read_first_batch",
]

_FIRST_ROWS = 256

Features = Mapping[str, Any]  # name to Tensor or Strings, or to Ragged of them


def count_rows(data: Dataset) -> int:
    """Count the rows of a dataset, by reading it where it does not know them."""
    return sum(batch.num_rows for batch in data) if data.num_rows is None else data.num_rows


def read_first_batch(data: Dataset, name: str) -> Features:
    """Read the first rows of a dataset.

    Raises:
        UsageError: The data has no rows.
    """
    batches = iter(data.as_supervised(None).batch(_FIRST_ROWS).to_torch())
    try:
        return next(batches)
    except StopIteration:
        raise UsageError(f"the {name} has no rows", hint="check its source and filters") from None
    finally:
        batches.close()


def find_not_finite(batch: Split, targets: Targets) -> str | None:
    """Name the first label, weight or feature of a batch that is NaN or infinite, and its row; or None."""
    columns: dict[str, Any] = {f"feature '{name}'": value for name, value in batch.features.items()}
    if isinstance(targets.label, str):
        labels = {f"label '{targets.label}'": batch.labels}
    else:
        labels = {f"label '{name}'": batch.labels[key] for key, name in targets.label.items()}
    if batch.weights is not None:
        labels[f"weight '{targets.sample_weight}'"] = batch.weights
    for name, tensor in _iterate_tensors({**labels, **columns}):
        if (
            isinstance(tensor, Strings)
            or not tensor.is_floating_point()
            or bool(torch.isfinite(tensor).all())
        ):
            continue
        places = (~torch.isfinite(tensor)).nonzero()
        row, value = int(places[0, 0]), tensor[tuple(places[0])].item()
        rows = len(places[:, 0].unique())
        more = f" and in {rows - 1:,} more rows" if rows > 1 else ""
        return f"{name} is {value} in row {row} of the batch{more}"
    return None


def call_model(model: Callable[..., object], features: Features) -> Any:
    """Call `model(x)` with one feature, `model(**features)` with several.

    Returns:
        A tensor, or a dict of tensors of a model with several outputs.

    Raises:
        ModelError: The model fails on these features, or returns something else.
    """
    outputs = _call(model, features)
    if isinstance(outputs, Mapping) and outputs:
        return {str(name): check_tensor(each) for name, each in outputs.items()}
    return check_tensor(outputs)


def _call(model: Callable[..., object], features: Features) -> object:
    try:
        return model(*features.values()) if len(features) == 1 else model(**features)
    except (HeadraceError, torch.OutOfMemoryError):
        raise
    except Exception as error:
        inputs = list_names(f"{name} {_describe(tensor)}" for name, tensor in _iterate_tensors(features))
        hint = _find_cause(str(error), features)
        raise describe_failure(error, model, inputs, hint) from error


def _find_cause(error: str, features: Features) -> str:
    """Write the hint for an error of torch."""
    if "multiple values for argument 'self'" in error:
        return "rename the feature 'self': Python's methods have an argument of that name"
    if "more than 1 value per channel" in error:
        what = "batch normalisation cannot train on one row"
        return f"{what}: use more rows and a batch_size of 2 or more, of several ranks 3 for each"
    if any(holds_strings(value) for value in features.values()):
        return "begin the model with a layer for strings, such as TextVectorization, or drop the strings"
    if any(isinstance(value, Tensor) and value.dtype == torch.uint8 for value in features.values()):
        return "cast integers to floats in the preprocessing function, as in image / 255"
    if "unexpected keyword argument" in error or "required positional argument" in error:
        return f"name the arguments of forward as the columns: {list_names(features)}"
    return "build it for these shapes and types"


def _describe(tensor: Tensor | Strings) -> str:
    if isinstance(tensor, Strings):
        return f"string[{len(tensor)}]"
    return f"{str(tensor.dtype).removeprefix('torch.')}{list(tensor.shape)}"


def _iterate_tensors(batch: Features) -> Iterator[tuple[str, Tensor | Strings]]:
    for name, value in batch.items():
        if isinstance(value, Ragged):
            yield f"{name}.values", value.values
            yield f"{name}.row_splits", value.row_splits
        else:
            yield name, value


def digest_batch(batch: Features) -> str:
    """Return a short digest of a batch's names, types, shapes and values."""
    digest = hashlib.blake2b(digest_size=8)
    for name, tensor in _iterate_tensors(batch):
        if isinstance(tensor, Strings):
            digest.update(repr((name, tensor.tolist())).encode())
            continue
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        if tensor.numel():  # the strides of a tensor without values may be 0, which `view` refuses
            digest.update(tensor.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
