"""A trained network with its head: features to named outputs."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from headrace.columns import ColumnType, Ragged
from headrace.deploy.preserve_model import preserve_model
from headrace.errors import ModelError, SchemaError
from headrace.heads import Classifier, Head, agree, check_head, check_tensor
from headrace.nn import check_model
from headrace.transform import Transform

__all__ = ["ServedModel", "make_sample_features", "served_model", "shorten_error"]

SAMPLE_ROWS = 3
_LONGEST = 1000  # characters of an error of torch


class ServedModel(nn.Module):
    """A network and its head, called with flat tensors as the ONNX exporter requires.

    Args:
        network: Called as `network(x)` with one feature, `network(**features)` with several.
        head: Computes the named outputs.
        features: Feature name to type. A ragged feature is two flat tensors, values and row splits.
    """

    def __init__(self, network: nn.Module, head: Head, features: Mapping[str, ColumnType]) -> None:
        super().__init__()
        self.network = network
        self.head = head
        self.features = dict(features)

    @property
    def tensor_names(self) -> list[str]:
        """The names of the flat tensors, in the order of `forward`'s arguments."""
        return [tensor for name, type_ in self.features.items() for tensor in _name_tensors(name, type_)]

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        """Compute the head's tensors from flat tensors, in the order of `tensor_names`."""
        return self.head.tensors(check_tensor(self.call_network(*tensors)))

    def call_network(self, *tensors: Tensor) -> object:
        """Call the network with flat tensors."""
        remaining = iter(tensors)
        features = {
            name: Ragged(next(remaining), next(remaining)) if type_.ragged else next(remaining)
            for name, type_ in self.features.items()
        }
        return self.network(*features.values()) if len(features) == 1 else self.network(**features)

    def predict(self, features: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Compute the head's outputs for one batch of features, as in training."""
        flat = [tensor for name in self.features for tensor in _flatten(features[name])]
        with torch.inference_mode():
            return {name: value.numpy() for name, value in zip(self.head.outputs, self(*flat), strict=True)}


@contextmanager
def served_model(network: nn.Module, head: Head | None, transform: Transform) -> Generator[ServedModel]:
    """Serve a network on the CPU, in evaluation mode, inside a `with` block; see `preserve_model`.

    Args:
        network: The network.
        head: The head; None is a `Classifier` without class names. The served head has the class names that
            the label defines, which the transform remembers.
        transform: Computes the features of the network.

    Raises:
        UsageError: The network is not a module, or the head is not a head.
        SchemaError: A feature is a column of strings, or the label does not fit the head.
        ModelError: The network fails, or does not fit the head or the label.
    """
    check_model(network)
    head = check_head(Classifier() if head is None else head)
    label = head.find_label(transform)
    if label is not None:
        head.for_label(label)
    samples = make_sample_features(transform.output_types, SAMPLE_ROWS)
    with preserve_model(network):
        served = ServedModel(network, head, transform.output_types).cpu().eval()
        served.head = agree(head, _try_network(served, samples), SAMPLE_ROWS, label)
        yield served


def _try_network(served: ServedModel, samples: list[Tensor]) -> object:
    """Call the network once, since its own errors are clearer than those of an exporter."""
    try:
        with torch.enable_grad():
            return served.call_network(*samples)
    except ModelError:
        raise
    except Exception as error:
        inputs = ", ".join(
            f"{name} {str(each.dtype).removeprefix('torch.')}{list(each.shape)}"
            for name, each in zip(served.tensor_names, samples, strict=True)
        )
        what = f"the model fails on {inputs}: {type(error).__name__}: {shorten_error(error)}"
        raise ModelError(what, hint="export the transform whose features the model was trained on") from error


def shorten_error(error: BaseException) -> str:
    """Join the lines of an error, which torch spreads over many; any of them may name the operation."""
    text = " ".join(str(error).split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


def make_sample_features(features: Mapping[str, ColumnType], rows: int = SAMPLE_ROWS) -> list[Tensor]:
    """Make flat tensors of zeros with the right types and shapes, to trace a model with.

    Raises:
        SchemaError: A feature is a column of strings.
    """
    for name, type_ in features.items():
        if type_.is_string:
            raise SchemaError(
                f"expected numbers for the network, got {type_}",
                feature=name,
                hint=f"look it up in a vocabulary, or leave it out: transform.without('{name}')",
            )
    return [tensor for type_ in features.values() for tensor in _make_sample(type_, rows)]


def _make_sample(type_: ColumnType, rows: int) -> list[Tensor]:
    dtype = torch.float32 if type_.dtype == "float64" else getattr(torch, type_.dtype)  # as in training
    if type_.ragged:
        return [torch.zeros(2 * rows + 1, dtype=dtype), torch.tensor([*range(0, 2 * rows, 2), 2 * rows + 1])]
    return [torch.zeros((rows, *type_.shape), dtype=dtype)]


def _name_tensors(name: str, type_: ColumnType) -> list[str]:
    return [f"{name}.values", f"{name}.row_splits"] if type_.ragged else [name]


def _flatten(value: Any) -> list[Tensor]:
    return list(value) if isinstance(value, Ragged) else [value]
