"""What a model costs: parameters, multiplications, memory, layer by layer, before anything is computed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import nn

from headrace.errors import ModelError, UsageError
from headrace.vision.trace import Trace, trace

__all__ = ["Cost", "LayerCost", "cost", "fits"]

OPTIMIZER_STATES = 2  # numbers a parameter that Adam and AdamW keep
Line = tuple[int, int]  # bytes whatever the batch, bytes an instance


@dataclass(frozen=True)
class LayerCost:
    """What one layer costs an instance; what its inner layers cost is theirs.

    Attributes:
        name: Its path in the model; "" for the model itself.
        kind: Its class.
        output: The output's shape, without the batch.
        parameters: Weights and biases; 0 where a layer is used again.
        macs: Multiplications, each with its addition, of convolutions and matrix products in inference.
        training_bytes: What it leaves in memory for the way back.
        inference_bytes: The most that is needed while it works: its input, its output, and what waits.
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
    """What a model costs.

    Attributes:
        input_shape: One instance's.
        dtype: Of weights and activations.
        layers: The layers that work, in the order they do.
        parameters: Weights and biases.
        weight_bytes: Of parameters and buffers.
        trained_bytes: Of the parameters that are trained.
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
        """Multiplications with addition an instance, in inference."""
        return sum(layer.macs for layer in self.layers)

    @property
    def training_bytes(self) -> int:
        """Activations an instance that training keeps, of all layers together."""
        return sum(layer.training_bytes for layer in self.layers)

    @property
    def inference_bytes(self) -> int:
        """The most activations an instance that are needed at once in inference.

        In a plain network these are two consecutive layers'; in a residual one the shortcut waits, too.
        """
        return max(layer.inference_bytes for layer in self.layers)

    def _fixed(self, *, training: bool) -> int:
        return self.weight_bytes + (OPTIMIZER_STATES * self.trained_bytes if training else 0)

    def training_memory(self, batch: int) -> int:
        """Bytes at the peak of a training step with Adam: weights, its two moments, gradients, activations.

        What the library beneath needs for itself (work space, copies in other layouts) comes on top.
        """
        return self._fixed(training=True) + max(fixed + each * batch for fixed, each in self._training)

    def inference_memory(self, batch: int) -> int:
        """Bytes at the peak of a prediction: weights, the input, and the activations alive at once."""
        return self._fixed(training=False) + max(fixed + each * batch for fixed, each in self._inference)

    def largest_batch(self, memory: int, *, training: bool = True) -> int:
        """The largest batch whose peak is within `memory` bytes; 0 if not even one instance's is."""
        free = memory - self._fixed(training=training)
        lines = self._training if training else self._inference
        if any(fixed > free for fixed, _ in lines):
            return 0
        return min((free - fixed) // each for fixed, each in lines if each > 0)

    def __str__(self) -> str:
        """A table, a layer a line, and the sums below."""
        rows = [("layer", "kind", "output", "parameters", "MACs", "training MB", "inference MB")]
        rows += [_row(layer.name or "(itself)", layer.kind, layer) for layer in self.layers]
        return "\n".join([*map(_LINE.format, *zip(*rows, strict=True)), _row_of_sums(self)])


_LINE = "{:<32} {:<18} {:>14} {:>13} {:>16} {:>12} {:>13}"


def _row(name: str, kind: str, layer: LayerCost) -> tuple[str, ...]:
    shape = " x ".join(map(str, layer.output))
    memory = (f"{layer.training_bytes / 1e6:,.3f}", f"{layer.inference_bytes / 1e6:,.3f}")
    return (name, kind, shape, f"{layer.parameters:,}", f"{layer.macs:,}", *memory)


def _row_of_sums(cost: Cost) -> str:
    memory = (f"{cost.training_bytes / 1e6:,.3f}", f"{cost.inference_bytes / 1e6:,.3f}")
    return _LINE.format("in all", "", "", f"{cost.parameters:,}", f"{cost.macs:,}", *memory)


def cost(model: nn.Module, input_shape: tuple[int, ...], *, dtype: torch.dtype = torch.float32) -> Cost:
    """What a model costs, found by running it on shapes without numbers: milliseconds, and no memory.

    Args:
        model: Left as it is.
        input_shape: One instance's, (channels, height, width) for images.
        dtype: Of weights and activations: `torch.float32`, `torch.float16`, ...

    Raises:
        ModelError: The model fails on this shape, reads values, or takes another way for another batch.

    Example:
        A layer of 200 maps of 150 x 100 over RGB, 5 x 5 each: 15,200 parameters, 225 million multiplications,
        12 MB of activations an instance.

        >>> found = cost(nn.Conv2d(3, 200, 5, padding=2), (3, 150, 100))
        >>> found.parameters, found.macs, found.training_bytes
        (15200, 225000000, 12000000)
    """
    there, back = (
        [trace(model, input_shape, batch, training=training, dtype=dtype) for batch in (2, 3)]
        for training in (False, True)
    )
    size = torch.empty(0, dtype=dtype).element_size()
    weights = [weight for each in (model.parameters(), model.buffers()) for weight in each]
    return Cost(
        input_shape=tuple(input_shape),
        dtype=dtype,
        layers=tuple(_layers(model, there, back)),
        parameters=sum(weight.numel() for weight in model.parameters()),
        weight_bytes=sum(w.numel() * (size if w.is_floating_point() else w.element_size()) for w in weights),
        trained_bytes=sum(weight.numel() * size for weight in model.parameters() if weight.requires_grad),
        _training=_upper(_lines(*back)),
        _inference=_upper(_lines(*there)),
    )


def fits(
    model: nn.Module,
    input_shape: tuple[int, ...],
    memory: int | str,
    *,
    mode: Literal["training", "inference"] = "training",
    dtype: torch.dtype = torch.float32,
) -> int:
    """The largest batch that fits into memory.

    Args:
        model: Left as it is.
        input_shape: One instance's.
        memory: Bytes, or a text like "8 GB" (10^9 bytes) or "8 GiB" (2^30).
        mode: "training" with Adam, or "inference".
        dtype: Of weights and activations.

    Returns:
        Instances; 0 if not even one fits.

    Raises:
        ModelError: The model cannot be traced; see `cost`.
        UsageError: `memory` says no size.

    Example:
        >>> fits(nn.Conv2d(3, 200, 5, padding=2), (3, 150, 100), "1.3 GB")
        106
    """
    found = cost(model, input_shape, dtype=dtype)
    return found.largest_batch(_bytes(memory), training=mode == "training")


_UNITS = {"": 1, "K": 1, "M": 2, "G": 3, "T": 4}


def _bytes(memory: int | str) -> int:
    if not isinstance(memory, str):
        return memory
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(?:([KMGT])(I?))?B?\s*", memory.upper())
    if match is None:
        raise UsageError(f"'{memory}' is no size of memory", hint="write a number and a unit, as in '8 GB'")
    number, unit, binary = match.groups()
    scale = 1 if unit is None else (1024 if binary else 1000) ** _UNITS[unit]
    return int(float(number) * scale)


def _lines(two: Trace, three: Trace) -> list[Line]:
    """What is alive at each moment as a line over the batch's size, from traces of 2 and of 3 instances."""
    if [call for call, _ in two.alive] != [call for call, _ in three.alive]:
        raise ModelError(
            "the model takes another way for another size of batch",
            hint="do not branch on the batch's size in forward",
        )
    pairs = zip(two.alive, three.alive, strict=True)
    return [(3 * of_two - 2 * of_three, of_three - of_two) for (_, of_two), (_, of_three) in pairs]


def _upper(lines: list[Line]) -> tuple[Line, ...]:
    """The lines that no other line is above everywhere."""
    upper: list[Line] = []
    for fixed, each in sorted(set(lines), reverse=True):
        if not upper or each > upper[-1][1]:
            upper.append((fixed, each))
    return tuple(upper)


def _layers(model: nn.Module, there: list[Trace], back: list[Trace]) -> Iterator[LayerCost]:
    """A row a call that does something, in training's order: some heads work in training only."""
    own = {
        name: sum(p.numel() for p in layer.parameters(recurse=False)) for name, layer in model.named_modules()
    }
    alive = _most_alive(there)
    macs = {(a.name, a.turn): b.macs - a.macs for a, b in zip(there[0].calls, there[1].calls, strict=True)}
    inner = {name for name, layer in model.named_modules() if next(layer.children(), None) is not None}
    for two, three in zip(back[0].calls, back[1].calls, strict=True):
        key = (two.name, two.turn)
        parameters = 0 if two.turn else own[two.name]
        kept = three.kept - two.kept
        if two.name not in inner or kept or macs.get(key) or parameters:
            yield LayerCost(
                two.name, two.kind, two.output[1:], parameters, macs.get(key, 0), kept, alive.get(key, 0)
            )


def _most_alive(there: list[Trace]) -> dict[tuple[str, int], int]:
    """The most that layers need alive, by layer and turn; the input counts until it was last read."""
    most: dict[tuple[str, int], int] = {}
    input_bytes = there[1].input_bytes - there[0].input_bytes
    for moment, ((call, _), (_, each)) in enumerate(zip(there[0].alive, _lines(*there), strict=True)):
        if call >= 0:
            key = (there[0].calls[call].name, there[0].calls[call].turn)
            needed = each if moment < there[0].input_needed else each - input_bytes
            most[key] = max(most.get(key, 0), needed)
    return most
