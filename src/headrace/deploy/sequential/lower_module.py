"""The ONNX forms of torch's layers, in evaluation mode."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import spox
import spox.opset.ai.onnx.v21 as op
from torch import nn

from headrace.columns import Ragged
from headrace.deploy.sequential.lower_bag import lower_bag
from headrace.nn import AffineOutput, BagOfEmbeddings

__all__ = ["LOWERINGS", "Unsupported", "Value", "Weights"]

Value = Any  # a `spox.Var`, or a `Ragged` of two
ReadWeight = Callable[[str], Any]  # the weight of a layer by its name
Lowering = Callable[[Any, Any, ReadWeight], Any]


class Unsupported(Exception):  # noqa: N818 - not an error: torch's exporter takes over
    """A layer, with these settings and for this input, has no form here."""


@dataclass
class Weights:
    """The weights that a network uses.

    Attributes:
        values: Name to NumPy array.
        arguments: Name to the argument of the model that stands in for it.
    """

    values: dict[str, np.ndarray[Any, Any]] = field(default_factory=dict[str, Any])
    arguments: dict[str, spox.Var] = field(default_factory=dict[str, spox.Var])

    def add(self, name: str, layer: nn.Module, part: str) -> spox.Var:
        """Add a weight of a layer, and return what stands in for it."""
        array = getattr(layer, part).detach().cpu().contiguous().numpy()
        self.values[name] = array
        self.arguments[name] = spox.argument(spox.Tensor(array.dtype, array.shape))
        return self.arguments[name]


def _require(condition: bool) -> None:
    if not condition:
        raise Unsupported


def _rank(x: Any) -> int:
    _require(isinstance(x, spox.Var))
    shape: Any = x.unwrap_tensor().shape
    _require(shape is not None)
    return len(shape)


def _keep(_layer: nn.Module, x: Any, _read: ReadWeight) -> Any:
    return x


def _read_bias(layer: nn.Module, read: ReadWeight) -> Any:
    return None if getattr(layer, "bias", None) is None else read("bias")


def _linear(layer: nn.Linear, x: Any, read: ReadWeight) -> Any:
    bias = _read_bias(layer, read)
    if _rank(x) == 2:
        return op.gemm(x, read("weight"), bias, transB=1)
    product = op.matmul(x, op.transpose(read("weight"), perm=[1, 0]))
    return product if bias is None else op.add(product, bias)


def _flatten(layer: nn.Flatten, x: Any, _read: ReadWeight) -> Any:
    _require(layer.start_dim == 1 and layer.end_dim in (-1, _rank(x) - 1) and _rank(x) > 1)
    return op.flatten(x, axis=1)


def _unflatten(layer: nn.Unflatten, x: Any, _read: ReadWeight) -> Any:
    sizes, rest = layer.unflattened_size, x.unwrap_tensor().shape[2:] if _rank(x) > 1 else ()
    _require(layer.dim == 1 and all(isinstance(each, int) for each in (*sizes, *rest)))
    return op.reshape(x, op.const(np.array([0, *sizes, *rest], np.int64)))


def _pair(value: Any) -> list[int]:
    return [int(value), int(value)] if isinstance(value, int) else [int(each) for each in value]


def _conv(layer: nn.Conv2d, x: Any, read: ReadWeight) -> Any:
    _require(_rank(x) == 4 and layer.padding_mode == "zeros" and not isinstance(layer.padding, str))
    return op.conv(
        x,
        read("weight"),
        _read_bias(layer, read),
        dilations=_pair(layer.dilation),
        group=layer.groups,
        kernel_shape=_pair(layer.kernel_size),
        pads=_pair(layer.padding) * 2,
        strides=_pair(layer.stride),
    )


def _max_pool(layer: nn.MaxPool2d, x: Any, _read: ReadWeight) -> Any:
    _require(_rank(x) == 4 and not layer.return_indices and not layer.ceil_mode)
    pooled, _ = op.max_pool(
        x,
        dilations=_pair(layer.dilation),
        kernel_shape=_pair(layer.kernel_size),
        pads=_pair(layer.padding) * 2,
        strides=_pair(layer.stride),
    )
    return pooled


def _global_pool(layer: nn.AdaptiveAvgPool2d, x: Any, _read: ReadWeight) -> Any:
    _require(_rank(x) == 4 and _pair(layer.output_size) == [1, 1])
    return op.global_average_pool(x)


def _gelu(layer: nn.GELU, x: Any, _read: ReadWeight) -> Any:
    return op.gelu(x, approximate=layer.approximate)


def _affine(_layer: AffineOutput, x: Any, read: ReadWeight) -> Any:
    return op.add(op.mul(x, read("scale")), read("offset"))


def _bag(layer: BagOfEmbeddings, x: Any, read: ReadWeight) -> Any:
    _require(layer.max_norm is None and isinstance(x, Ragged))
    return lower_bag(x.values, x.row_splits, read("weight"))


def _tensors_only(function: Callable[[Any], Any]) -> Lowering:
    def lower(_layer: nn.Module, x: Any, _read: ReadWeight) -> Any:
        _require(isinstance(x, spox.Var))
        return function(x)

    return lower


LOWERINGS: Mapping[type[nn.Module], Lowering] = {
    nn.Identity: _keep,
    nn.Dropout: _keep,
    nn.Dropout2d: _keep,
    nn.Flatten: _flatten,
    nn.Unflatten: _unflatten,
    nn.Linear: _linear,
    nn.Conv2d: _conv,
    nn.MaxPool2d: _max_pool,
    nn.AdaptiveAvgPool2d: _global_pool,
    nn.ReLU: _tensors_only(op.relu),
    nn.Tanh: _tensors_only(op.tanh),
    nn.Sigmoid: _tensors_only(op.sigmoid),
    nn.GELU: _gelu,
    AffineOutput: _affine,
    BagOfEmbeddings: _bag,
}
