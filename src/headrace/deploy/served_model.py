"""A trained network with its head: features to named outputs."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor, nn

from headrace.arguments import TOKENIZER_HINT, find_tokenizer
from headrace.columns import ColumnType, Ragged, Strings, tensor_names
from headrace.deploy.preserve_model import preserve_model
from headrace.errors import HeadraceError, SchemaError
from headrace.heads import Classifier, Head, SeveralHeads, agree, check_head, check_names, check_tensor
from headrace.layers import PreprocessingLayer
from headrace.layers.symbolic import StringStandIn
from headrace.nn import check_model, check_shapes, describe_failure, digest_weights
from headrace.suggestions import list_names
from headrace.transform import Transform

__all__ = ["ServedModel", "make_sample_features", "served_model"]

SAMPLE_ROWS = 3


class ServedModel(nn.Module):
    """A network and its head, called with flat tensors as the ONNX exporter requires.

    Args:
        network: Called as `network(x)` with one feature, `network(**features)` with several.
        head: Computes the named outputs.
        features: Feature name to type. A ragged feature is two flat tensors, values and row splits.
        weights: The digest of the network's weights.
    """

    def __init__(
        self, network: nn.Module, head: Head, features: Mapping[str, ColumnType], weights: str = ""
    ) -> None:
        super().__init__()
        self.network = network
        self.head = head
        self.features = dict(features)
        self.weights = weights

    @property
    def tensor_names(self) -> list[str]:
        """The names of the flat tensors, in the order of `forward`'s arguments."""
        return [
            tensor
            for name, type_ in self.features.items()
            for tensor in tensor_names(name, is_ragged=type_.ragged)
        ]

    @property
    def string_places(self) -> list[int]:
        """The places of the flat tensors that stand in for strings."""
        flat = [
            type_.is_string and not part
            for type_ in self.features.values()
            for part in range(1 + type_.ragged)
        ]
        return [place for place, is_string in enumerate(flat) if is_string]

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        """Compute the head's tensors from flat tensors, in the order of `tensor_names`."""
        return self.head.tensors(_check_outputs(self.head, self.call_network(*tensors)))

    def call_network(self, *tensors: Tensor, symbolic: bool = True) -> object:
        """Call the network with flat tensors; `symbolic` keeps those that stand for strings."""
        remaining = iter(tensors)
        wrap = StringStandIn if symbolic else _make_strings
        features = {name: _join_tensors(type_, remaining, wrap) for name, type_ in self.features.items()}
        return self._call(features)

    def predict(self, features: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Compute the head's outputs for one batch of features, as in training.

        Args:
            features: Feature name to a tensor, a `Ragged` of two, or strings in any form that layers take.
        """
        with torch.inference_mode():
            outputs = self._call({name: features[name] for name in self.features})
            results = self.head.tensors(_check_outputs(self.head, outputs))
        return {name: value.numpy() for name, value in zip(self.head.outputs, results, strict=True)}

    def _call(self, features: Mapping[str, Any]) -> object:
        return self.network(*features.values()) if len(features) == 1 else self.network(**features)


def _check_outputs(head: Head, outputs: object) -> Any:
    return head.select(outputs) if isinstance(head, SeveralHeads) else check_tensor(outputs)


@contextmanager
def served_model(network: nn.Module, head: Any, transform: Transform) -> Generator[ServedModel]:
    """Serve a network on the CPU, in evaluation mode, inside a `with` block; see `preserve_model`.

    Args:
        network: The network.
        head: The head, or output to head; None is a `Classifier` without class names. The served head has
            the class names that the label defines, which the transform remembers.
        transform: Computes the features of the network.

    Raises:
        UsageError: The network is not a module, or the head is not a head.
        SchemaError: A feature is a column of strings, and the network has no preprocessing layers; or the
            label does not fit the head.
        ModelError: The network fails, or does not fit the head or the label.
    """
    check_model(network)
    head = check_head(Classifier() if head is None else head)
    check_names(head, transform)
    label = head.find_label(transform)
    if label is not None:
        head.for_label(label)
    _check_strings(network, transform.output_types)
    samples = make_sample_features(transform.output_types, SAMPLE_ROWS)
    check_shapes(network)
    weights = digest_weights(network)  # before a call changes a buffer
    with preserve_model(network), torch.autocast("cpu", enabled=False):
        served = ServedModel(network, head, transform.output_types, weights).cpu().eval()
        served.head = agree(head, _try_network(served, samples), SAMPLE_ROWS, label)
        yield served


def _try_network(served: ServedModel, samples: list[Tensor]) -> object:
    """Call the network once, since its own errors are clearer than those of an exporter."""
    try:
        with torch.enable_grad():
            return served.call_network(*samples, symbolic=False)
    except HeadraceError:
        raise
    except Exception as error:
        types = [str(each.dtype).removeprefix("torch.") for each in samples]
        for place in served.string_places:
            types[place] = "string"
        described = zip(served.tensor_names, types, samples, strict=True)
        inputs = list_names(f"{name} {type_}{list(each.shape)}" for name, type_, each in described)
        hint = "export the transform whose features the model was trained on"
        hint = (
            "call a layer of headrace.layers with strings, such as StringLookup"
            if served.string_places
            else hint
        )
        raise describe_failure(error, served.network, inputs, hint) from error


def _check_strings(network: nn.Module, features: Mapping[str, ColumnType]) -> None:
    """Check that strings have a layer that takes them.

    Raises:
        SchemaError: A feature is a column of strings, and the network has no preprocessing layers.
    """
    if any(isinstance(each, PreprocessingLayer) for each in network.modules()):
        return
    for name, type_ in features.items():
        if type_.is_string:
            _check_no_tokenizer(network, name)
            raise SchemaError(
                f"expected numbers for the network, got {type_}",
                feature=name,
                hint=f"look it up in a vocabulary, or leave it out: transform.without('{name}')",
            )


def _check_no_tokenizer(network: nn.Module, feature: str) -> None:
    attributes = (each for module in network.modules() for each in vars(module).values())
    tokenizer = next(filter(None, map(find_tokenizer, attributes)), None)
    if tokenizer is not None:
        what = f"the model tokenizes it by {tokenizer}, which is Python code that an ONNX file cannot hold"
        raise SchemaError(what, feature=feature, hint=TOKENIZER_HINT)


def make_sample_features(features: Mapping[str, ColumnType], rows: int = 3) -> list[Tensor]:
    """Make flat tensors of zeros with the right types and shapes, to trace a model with."""
    return [tensor for type_ in features.values() for tensor in _make_sample(type_, rows)]


def _make_sample(type_: ColumnType, rows: int) -> list[Tensor]:
    names = {"float64": "float32", "string": "int64"}  # floats as in training; a stand-in for strings
    dtype = getattr(torch, names.get(type_.dtype, type_.dtype))
    if type_.ragged:
        return [torch.zeros(2 * rows + 1, dtype=dtype), torch.tensor([*range(0, 2 * rows, 2), 2 * rows + 1])]
    return [torch.zeros((rows, *type_.shape), dtype=dtype)]


def _make_strings(numbers: Tensor) -> Strings:
    """Return the numbers as strings."""
    return Strings(pa.array(map(str, numbers.tolist()), pa.string()))


def _join_tensors(type_: ColumnType, tensors: Iterator[Tensor], wrap: Callable[[Tensor], Any]) -> Any:
    """Join the flat tensors of a feature to what the network is called with."""
    values: Any = next(tensors)
    values = wrap(values) if type_.is_string else values
    return Ragged(values, next(tensors)) if type_.ragged else values
