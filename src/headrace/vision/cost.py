"""Cost of a model by layer: parameters, multiply-accumulates and memory, without computing anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import torch
from torch import nn

from headrace.arguments import check_choice, check_integer, show_value
from headrace.byte_sizes import parse_byte_size
from headrace.errors import ModelError, UsageError
from headrace.vision.trace import Trace, trace

__all__ = ["Cost", "LayerCost", "cost", "largest_batch"]

OPTIMIZER_STATES = 2  # values that Adam and AdamW keep per parameter
Line = tuple[int, int]  # bytes for any batch, bytes per instance


@dataclass(frozen=True)
class LayerCost:
    """Cost of one layer per instance, without its inner layers.

    Attributes:
        name: The layer's path in the model; "" for the model itself.
        kind: The layer's class.
        output: Shape of the output without the batch dimension.
        parameters: Number of weights and biases; 0 for the second and later calls of a layer.
        macs: Multiply-accumulates of convolutions and matrix products in inference.
        training_bytes: Bytes of activations kept for the backward pass.
        inference_bytes: Peak bytes of activations during the layer's call in inference: input, output, and
            tensors that later layers need.
    """

    name: str
    kind: str
    output: tuple[int, ...]
    parameters: int
    macs: int
    training_bytes: int
    inference_bytes: int


@dataclass(frozen=True)
class Cost:
    """Cost of a model.

    Attributes:
        input_shape: Shape of one instance.
        dtype: The dtype of weights and activations.
        layers: The layers that compute something, in the order of their calls.
        parameters: Number of weights and biases.
        weight_bytes: Bytes of parameters and buffers.
        trained_bytes: Bytes of trainable parameters.
    """

    input_shape: tuple[int, ...]
    dtype: torch.dtype
    layers: tuple[LayerCost, ...]
    parameters: int
    weight_bytes: int
    trained_bytes: int
    _training: tuple[Line, ...] = field(repr=False)
    _inference: tuple[Line, ...] = field(repr=False)

    @property
    def macs(self) -> int:
        """Multiply-accumulates per instance, in inference."""
        return sum(layer.macs for layer in self.layers)

    @property
    def training_bytes(self) -> int:
        """Bytes of activations that all layers together keep per instance in training."""
        return sum(layer.training_bytes for layer in self.layers)

    @property
    def inference_bytes(self) -> int:
        """Peak bytes of activations per instance in inference.

        In a plain network the peak is the input and output of one layer; in a residual network the shortcut
        is alive at the same time.
        """
        return max((layer.inference_bytes for layer in self.layers), default=0)

    def _fixed(self, *, training: bool) -> int:
        return self.weight_bytes + (OPTIMIZER_STATES * self.trained_bytes if training else 0)

    def training_memory(self, batch: int) -> int:
        """Estimate the peak of a training step in bytes: weights, Adam's two moments, gradients, activations.

        Memory that the kernels use internally (workspaces, copies in other layouts) is not included.
        """
        check_integer(batch, "batch", 1)
        return self._fixed(training=True) + max(fixed + each * batch for fixed, each in self._training)

    def inference_memory(self, batch: int) -> int:
        """Estimate the peak of a forward pass in bytes: weights, the input, the activations alive at once."""
        check_integer(batch, "batch", 1)
        return self._fixed(training=False) + max(fixed + each * batch for fixed, each in self._inference)

    def largest_batch(self, memory: int, *, training: bool = True) -> int:
        """Return the largest batch size whose peak is within `memory` bytes; 0 if one instance exceeds it."""
        free = check_integer(memory, "memory") - self._fixed(training=training)
        lines = self._training if training else self._inference
        if any(fixed > free for fixed, _ in lines):
            return 0
        return min((free - fixed) // each for fixed, each in lines if each > 0)

    def __str__(self) -> str:
        """Format a table with one row per layer and a row of totals."""
        rows = [("layer", "kind", "output", "parameters", "MACs", "training MB", "inference MB")]
        rows += [_row(layer.name or "(model)", layer.kind, layer) for layer in self.layers]
        return "\n".join([*map(_LINE.format, *zip(*rows, strict=True)), _total_row(self)])


_LINE = "{:<32} {:<18} {:>14} {:>13} {:>16} {:>12} {:>13}"


def _row(name: str, kind: str, layer: LayerCost) -> tuple[str, ...]:
    shape = " x ".join(map(str, layer.output))
    memory = (f"{layer.training_bytes / 1e6:,.3f}", f"{layer.inference_bytes / 1e6:,.3f}")
    return (name, kind, shape, f"{layer.parameters:,}", f"{layer.macs:,}", *memory)


def _total_row(cost: Cost) -> str:
    memory = (f"{cost.training_bytes / 1e6:,.3f}", f"{cost.inference_bytes / 1e6:,.3f}")
    return _LINE.format("total", "", "", f"{cost.parameters:,}", f"{cost.macs:,}", *memory)


def cost(model: nn.Module, input_shape: tuple[int, ...], *, dtype: torch.dtype = torch.float32) -> Cost:
    """Compute the cost of a model by running it on meta tensors, in milliseconds and without memory.

    Args:
        model: The model, which is not changed.
        input_shape: Shape of one instance, (channels, height, width) for images.
        dtype: The dtype of weights and activations: `torch.float32`, `torch.float16`, ...

    Raises:
        ModelError: The model fails on this shape, reads values of tensors, branches on the batch size, or
            computes an instance from others, as layers do that take sequences without `batch_first`.
        UsageError: `model` is not a module, `input_shape` is not a tuple of integers above 0, or `dtype` is
            not one of floats.

    Example:
        A layer of 200 maps of 150 x 100 over RGB, with 5 x 5 kernels: 15,200 parameters, 225 million
        multiply-accumulates, 12 MB of activations per instance.

        >>> found = cost(nn.Conv2d(3, 200, 5, padding=2), (3, 150, 100))
        >>> found.parameters, found.macs, found.training_bytes
        (15200, 225000000, 12000000)
    """
    input_shape = _check_shape(input_shape)
    inference, training = (
        [trace(model, input_shape, batch, training=mode, dtype=dtype) for batch in (2, 3)]
        for mode in (False, True)
    )
    _check_independence(model, *inference)
    size = torch.empty(0, dtype=dtype).element_size()
    weights = [weight for each in (model.parameters(), model.buffers()) for weight in each]
    return Cost(
        input_shape=input_shape,
        dtype=dtype,
        layers=tuple(_layer_costs(model, inference, training)),
        parameters=sum(weight.numel() for weight in model.parameters()),
        weight_bytes=sum(w.numel() * (size if w.is_floating_point() else w.element_size()) for w in weights),
        trained_bytes=sum(weight.numel() * size for weight in model.parameters() if weight.requires_grad),
        _training=_upper_envelope(_fit_lines(model, *training)),
        _inference=_upper_envelope(_fit_lines(model, *inference)),
    )


def largest_batch(
    model: nn.Module,
    input_shape: tuple[int, ...],
    memory: int | str,
    *,
    mode: Literal["training", "inference"] = "training",
    dtype: torch.dtype = torch.float32,
) -> int:
    """Return the largest batch size that fits into memory.

    Args:
        model: The model, which is not changed.
        input_shape: Shape of one instance.
        memory: Bytes, or a string such as "8 GB" (8 * 10^9 bytes) or "8 GiB" (8 * 2^30).
        mode: "training" with Adam, or "inference".
        dtype: The dtype of weights and activations.

    Returns:
        Number of instances; 0 if one instance does not fit.

    Raises:
        ModelError: The model cannot be traced; see `cost`.
        UsageError: `memory` is not a size, `mode` is unknown, or see `cost`.

    Example:
        >>> largest_batch(nn.Conv2d(3, 200, 5, padding=2), (3, 150, 100), "1.3 GB")
        106
    """
    check_choice(mode, "mode", ("training", "inference"))
    limit = parse_byte_size(memory)
    return cost(model, input_shape, dtype=dtype).largest_batch(limit, training=mode == "training")


def _check_shape(shape: Any) -> tuple[int, ...]:
    if isinstance(shape, str) or not isinstance(shape, Sequence | np.ndarray):
        what = f"input_shape: expected the shape of one instance, got {show_value(shape)}"
        raise UsageError(what, hint="pass (channels, height, width)")
    return tuple(check_integer(each, "input_shape", 1) for each in shape)


def _check_independence(model: nn.Module, two: Trace, three: Trace) -> None:
    """Check that no instance of a batch is computed from others.

    Raises:
        ModelError: The multiply-accumulates are not a line over the batch size.
    """
    small, large = (sum(call.macs for call in each.calls) for each in (two, three))
    if 3 * small < 2 * large:
        what = "the multiply-accumulates grow faster than the batch: instances are computed from each other"
        raise ModelError(what, hint=_describe_order(model) or "compute each instance by itself in `forward`")


def _describe_order(model: nn.Module) -> str:
    """Name the layers that take the steps of a sequence first, and the instances second."""
    for name, layer in model.named_modules():
        if getattr(layer, "batch_first", None) is False:
            return f"pass batch_first=True to {type(layer).__name__}{f' ({name})' if name else ''}"
    return ""


def _fit_lines(model: nn.Module, two: Trace, three: Trace) -> list[Line]:
    """Fit the bytes alive at each moment as a line over the batch size, from traces of batches of 2 and 3."""
    if [call for call, _ in two.alive] != [call for call, _ in three.alive]:
        raise ModelError(
            "the model calls different layers for different batch sizes",
            hint=_describe_order(model) or "do not branch on the batch size in `forward`",
        )
    pairs = zip(two.alive, three.alive, strict=True)
    return [(3 * at_two - 2 * at_three, at_three - at_two) for (_, at_two), (_, at_three) in pairs]


def _upper_envelope(lines: list[Line]) -> tuple[Line, ...]:
    """Drop each line that another line is above for every batch size."""
    upper: list[Line] = []
    for fixed, each in sorted(set(lines), reverse=True):
        if not upper or each > upper[-1][1]:
            upper.append((fixed, each))
    return tuple(upper)


def _layer_costs(model: nn.Module, inference: list[Trace], training: list[Trace]) -> Iterator[LayerCost]:
    """Yield a row per call that computes something, in training order: some heads run in training only."""
    own = {
        name: sum(p.numel() for p in layer.parameters(recurse=False)) for name, layer in model.named_modules()
    }
    peaks = _peak_bytes(model, inference)
    calls = zip(inference[0].calls, inference[1].calls, strict=True)
    macs = {(two.name, two.repeat): three.macs - two.macs for two, three in calls}
    parents = {name for name, layer in model.named_modules() if next(layer.children(), None) is not None}
    for two, three in zip(training[0].calls, training[1].calls, strict=True):
        key = (two.name, two.repeat)
        parameters = 0 if two.repeat else own[two.name]
        kept = three.kept - two.kept
        if two.name not in parents or kept or macs.get(key) or parameters:
            yield LayerCost(
                two.name, two.kind, two.output[1:], parameters, macs.get(key, 0), kept, peaks.get(key, 0)
            )


def _peak_bytes(model: nn.Module, traces: list[Trace]) -> dict[tuple[str, int], int]:
    """Return the peak bytes per instance, by layer and repeat; the input counts until it is last read."""
    two, three = traces
    peaks: dict[tuple[str, int], int] = {}
    input_bytes = three.input_bytes - two.input_bytes
    for moment, ((index, _), (_, each)) in enumerate(
        zip(two.alive, _fit_lines(model, two, three), strict=True)
    ):
        if index >= 0:
            call = two.calls[index]
            needed = each if moment < two.input_needed else each - input_bytes
            peaks[call.name, call.repeat] = max(peaks.get((call.name, call.repeat), 0), needed)
    return peaks
