"""A model run on shapes without numbers: which layer computes what, and how many bytes are alive when.

Meta tensors have shapes and types and no memory, so that a training step of any batch takes milliseconds;
what autograd keeps for the way back is alive as it would be in earnest.
"""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

from headrace.errors import ModelError
from headrace.vision.temporary_mode import borrowed

__all__ = ["Call", "Trace", "trace"]

OUTSIDE = -1  # of all layers: the input, the way back


@dataclass
class Call:
    """A layer at work, its inner layers' work apart.

    Attributes:
        name: The layer's path in the model; "" for the model itself.
        turn: How often it had been called before.
        kind: The layer's class.
        output: The output's shape with the batch; () if it gives no tensor.
        macs: Multiplications with addition, of the whole batch.
        kept: Bytes that were allocated here and are alive at the end of the forward pass.
    """

    name: str
    turn: int
    kind: str
    output: tuple[int, ...] = ()
    macs: int = 0
    kept: int = 0


@dataclass
class Trace:
    """What happened, in order.

    Attributes:
        calls: The layers at work.
        alive: At the beginning of each call and at each allocation, the call's number (or `OUTSIDE`) and the
            bytes of input, activations and gradients that are alive.
        input_bytes: The input's, which its owner keeps alive to the end.
        input_needed: How many of the moments in `alive` had passed when the input was last read.
    """

    calls: list[Call] = field(default_factory=list[Call])
    alive: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    input_bytes: int = 0
    input_needed: int = 0


def _storages(values: Any) -> Iterator[torch.UntypedStorage]:
    for leaf in tree_leaves(values):
        if isinstance(leaf, Tensor):
            yield leaf.untyped_storage()


class _Watch(TorchDispatchMode):
    """Sees every operation below autograd, and the life of every storage."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        super().__init__()
        self.trace = Trace()
        self._known = {tensor.untyped_storage()._cdata for tensor in weights.values()}  # pyright: ignore[reportPrivateUsage]
        self._bytes: Counter[int] = Counter()  # alive, by the call that allocated them
        self._total = 0
        self._under_way = [OUTSIDE]
        self._turns: Counter[str] = Counter()
        self._input = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        output = func(*args, **kwargs)
        flops = flop_registry.get(func._overloadpacket)
        if flops is not None and self._under_way[-1] != OUTSIDE:
            self.trace.calls[self._under_way[-1]].macs += flops(*args, **kwargs, out_val=output) // 2
        for storage in _storages(output):
            self._see(storage)
        if any(storage._cdata == self._input for storage in _storages(args)):  # pyright: ignore[reportPrivateUsage]
            self.trace.input_needed = len(self.trace.alive)
        return output

    def take_input(self, images: Tensor) -> None:
        storage = images.untyped_storage()
        self._input = storage._cdata  # pyright: ignore[reportPrivateUsage]
        self.trace.input_bytes = storage.nbytes()

    def _see(self, storage: torch.UntypedStorage) -> None:
        key, size, call = storage._cdata, storage.nbytes(), self._under_way[-1]  # pyright: ignore[reportPrivateUsage]
        if key in self._known:
            return
        self._known.add(key)
        self._count(call, size)
        weakref.finalize(storage, self._forget, key, call, size)

    def _count(self, call: int, size: int) -> None:
        self._bytes[call] += size
        self._total += size
        self._note()

    def _forget(self, key: int, call: int, size: int) -> None:
        self._known.discard(key)
        self._bytes[call] -= size
        self._total -= size

    def _note(self) -> None:
        self.trace.alive.append((self._under_way[-1], self._total))

    def enter(self, name: str, layer: nn.Module) -> None:
        self.trace.calls.append(Call(name, self._turns[name], type(layer).__name__))
        self._turns[name] += 1
        self._under_way.append(len(self.trace.calls) - 1)
        self._note()

    def leave(self, output: Any) -> None:
        call = self.trace.calls[self._under_way.pop()]
        if isinstance(output, Tensor):
            call.output = tuple(output.shape)

    def end_forward(self) -> None:
        for number, call in enumerate(self.trace.calls):
            call.kept = self._bytes[number]


class _Step(nn.Module):
    """There and back as one call, so that what is computed again on the way back has its weights."""

    def __init__(self, model: nn.Module, watch: _Watch) -> None:
        super().__init__()
        self.model, self._watch = model, watch

    def forward(self, images: Tensor) -> None:
        outputs = self.model(images)
        self._watch.end_forward()
        leaves = [leaf for leaf in tree_leaves(outputs) if isinstance(leaf, Tensor) and leaf.requires_grad]
        if leaves:
            torch.autograd.backward([leaf.sum() for leaf in leaves])


@contextmanager
def _watched(model: nn.Module, watch: _Watch, *, training: bool) -> Generator[None]:
    """Tells `watch` of the layers' calls; the model's hooks and modes are then what they were before."""

    def entering(name: str) -> Callable[[nn.Module, Any], None]:
        return lambda layer, _inputs: watch.enter(name, layer)

    def leaving(_layer: nn.Module, _inputs: Any, output: Any) -> None:
        watch.leave(output)

    with borrowed(model, training=training) as hooks:
        for name, layer in model.named_modules():
            hooks.append(layer.register_forward_pre_hook(entering(name)))
            hooks.append(layer.register_forward_hook(leaving))
        yield


def _forms(model: nn.Module, dtype: torch.dtype) -> Iterator[tuple[str, Tensor]]:
    for name, weight in [*model.named_parameters(), *model.named_buffers()]:
        form = torch.empty_like(weight, device="meta", dtype=dtype if weight.is_floating_point() else None)
        yield name, form.requires_grad_(weight.requires_grad)


def trace(
    model: nn.Module, input_shape: tuple[int, ...], batch: int, *, training: bool, dtype: torch.dtype
) -> Trace:
    """One pass over a batch without numbers: in training mode there and back, otherwise there only.

    Args:
        model: Left as it is.
        input_shape: Of one instance.
        batch: Instances.
        training: Whether to go back, too.
        dtype: Of the input, and of all weights that are floating-point numbers.

    Raises:
        ModelError: The model fails on this shape, or asks for values.
    """
    weights = {f"model.{name}": form for name, form in _forms(model, dtype)}
    watch = _Watch(weights)
    try:
        with _watched(model, watch, training=training), torch.set_grad_enabled(training), watch:
            images = torch.empty(batch, *input_shape, device="meta", dtype=dtype)
            watch.take_input(images)
            functional_call(_Step(model, watch), weights, (images,))
    except (RuntimeError, NotImplementedError, TypeError, ValueError, IndexError) as error:
        given = f"{str(dtype).removeprefix('torch.')}{[batch, *input_shape]}"
        raise ModelError(
            f"the model cannot be traced on {given}: {type(error).__name__}: {error}",
            hint="give the shape it is built for, without the batch; its forward must not read values",
        ) from error
    return watch.trace
