"""Run a model on meta tensors: what each layer computes, and how many bytes are alive at each moment.

Meta tensors have shapes and dtypes but no memory, so that a training step of any batch size takes
milliseconds. The tensors that autograd saves for the backward pass stay alive as in a real step.
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

from headrace.arguments import show_value
from headrace.errors import ModelError, UsageError
from headrace.nn import check_model, check_shapes, temporary_mode

__all__ = ["LayerCall", "Trace", "trace"]

OUTSIDE = -1  # index of no call: the input, the backward pass


@dataclass
class LayerCall:
    """One call of a layer, without the calls of its inner layers.

    Attributes:
        name: The layer's path in the model; "" for the model itself.
        repeat: Number of earlier calls of the same layer.
        kind: The layer's class.
        output: Shape of the output with the batch dimension; () if the output is not a tensor.
        macs: Multiply-accumulates of the whole batch.
        kept: Bytes allocated in this call and alive at the end of the forward pass.
    """

    name: str
    repeat: int
    kind: str
    output: tuple[int, ...] = ()
    macs: int = 0
    kept: int = 0


@dataclass
class Trace:
    """The layer calls of one pass and the memory alive during it, in order.

    Attributes:
        calls: The layer calls.
        alive: At the beginning of each call and at each allocation, the call's index (or `OUTSIDE`) and the
            bytes of input, activations and gradients that are alive.
        input_bytes: Bytes of the input, which its owner keeps alive to the end.
        input_needed: Length of `alive` when the input was last read.
    """

    calls: list[LayerCall] = field(default_factory=list[LayerCall])
    alive: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    input_bytes: int = 0
    input_needed: int = 0


def _storages(values: Any) -> Iterator[torch.UntypedStorage]:
    for leaf in tree_leaves(values):
        if isinstance(leaf, Tensor):
            yield leaf.untyped_storage()


class _Recorder(TorchDispatchMode):
    """Records every operation below autograd, and the lifetime of every storage."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        super().__init__()
        self.trace = Trace()
        self._known = {tensor.untyped_storage()._cdata for tensor in weights.values()}  # pyright: ignore[reportPrivateUsage]
        self._bytes: Counter[int] = Counter()  # alive, by the call that allocated them
        self._total = 0
        self._stack = [OUTSIDE]  # indices of the calls in progress, the innermost last
        self._repeats: Counter[str] = Counter()
        self._input = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        output = func(*args, **kwargs)
        flops = flop_registry.get(func._overloadpacket)
        if flops is not None and self._stack[-1] != OUTSIDE:
            self.trace.calls[self._stack[-1]].macs += flops(*args, **kwargs, out_val=output) // 2
        for storage in _storages(output):
            self._record_storage(storage)
        if any(storage._cdata == self._input for storage in _storages(args)):  # pyright: ignore[reportPrivateUsage]
            self.trace.input_needed = len(self.trace.alive)
        return output

    def record_input(self, images: Tensor) -> None:
        storage = images.untyped_storage()
        self._input = storage._cdata  # pyright: ignore[reportPrivateUsage]
        self.trace.input_bytes = storage.nbytes()

    def _record_storage(self, storage: torch.UntypedStorage) -> None:
        key, size, call = storage._cdata, storage.nbytes(), self._stack[-1]  # pyright: ignore[reportPrivateUsage]
        if key in self._known:
            return
        self._known.add(key)
        self._allocate(call, size)
        weakref.finalize(storage, self._free, key, call, size)

    def _allocate(self, call: int, size: int) -> None:
        self._bytes[call] += size
        self._total += size
        self._record_alive()

    def _free(self, key: int, call: int, size: int) -> None:
        self._known.discard(key)
        self._bytes[call] -= size
        self._total -= size

    def _record_alive(self) -> None:
        self.trace.alive.append((self._stack[-1], self._total))

    def enter(self, name: str, layer: nn.Module) -> None:
        self.trace.calls.append(LayerCall(name, self._repeats[name], type(layer).__name__))
        self._repeats[name] += 1
        self._stack.append(len(self.trace.calls) - 1)
        self._record_alive()

    def leave(self, output: Any) -> None:
        call = self.trace.calls[self._stack.pop()]
        if isinstance(output, Tensor):
            call.output = tuple(output.shape)

    def end_forward(self) -> None:
        for number, call in enumerate(self.trace.calls):
            call.kept = self._bytes[number]


class _Step(nn.Module):
    """A forward and backward pass in one call, so that recomputed activations also use the meta weights."""

    def __init__(self, model: nn.Module, recorder: _Recorder) -> None:
        super().__init__()
        self.model, self._recorder = model, recorder

    def forward(self, images: Tensor) -> None:
        outputs = self.model(images)
        self._recorder.end_forward()
        leaves = [leaf for leaf in tree_leaves(outputs) if isinstance(leaf, Tensor) and leaf.requires_grad]
        if leaves:
            torch.autograd.backward([leaf.sum() for leaf in leaves])


@contextmanager
def _record_calls(model: nn.Module, recorder: _Recorder, *, training: bool) -> Generator[None]:
    """Report the layers' calls to `recorder` inside a `with` block."""

    def pre_hook(name: str) -> Callable[[nn.Module, Any], None]:
        return lambda layer, _inputs: recorder.enter(name, layer)

    def hook(_layer: nn.Module, _inputs: Any, output: Any) -> None:
        recorder.leave(output)

    with temporary_mode(model, training=training) as hooks:
        for name, layer in model.named_modules():
            hooks.append(layer.register_forward_pre_hook(pre_hook(name)))
            hooks.append(layer.register_forward_hook(hook))
        yield


def _meta_weights(model: nn.Module, dtype: torch.dtype) -> Iterator[tuple[str, Tensor]]:
    for name, weight in [*model.named_parameters(), *model.named_buffers()]:
        meta = torch.empty_like(weight, device="meta", dtype=dtype if weight.is_floating_point() else None)
        yield name, meta.requires_grad_(weight.requires_grad)


def trace(
    model: nn.Module, input_shape: tuple[int, ...], batch: int, *, training: bool, dtype: torch.dtype
) -> Trace:
    """Trace one pass over a batch of meta tensors: forward, and in training mode backward.

    Args:
        model: The model, which is not changed.
        input_shape: Shape of one instance.
        batch: Number of instances.
        training: Whether to trace training mode with a backward pass, or evaluation mode.
        dtype: The dtype of the input and of all floating-point weights.

    Raises:
        ModelError: The model fails on this shape, or reads values of tensors.
        UsageError: `model` is not a module, or `dtype` not one of floats.
    """
    check_shapes(check_model(model))
    if any(isinstance(layer, torch.jit.ScriptModule) for layer in model.modules()):
        raise ModelError("cannot trace a scripted module", hint="pass the model before torch.jit.script")
    if not isinstance(dtype, torch.dtype) or not dtype.is_floating_point:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageError(f"dtype: expected one of floats, got {show_value(dtype)}", hint="pass torch.float32")
    weights = {f"model.{name}": meta for name, meta in _meta_weights(model, dtype)}
    recorder = _Recorder(weights)
    try:
        with _record_calls(model, recorder, training=training), torch.set_grad_enabled(training), recorder:
            images = torch.empty(batch, *input_shape, device="meta", dtype=dtype)
            recorder.record_input(images)
            functional_call(_Step(model, recorder), weights, (images,))
    except (RuntimeError, NotImplementedError, TypeError, ValueError, IndexError) as error:
        shape = f"{str(dtype).removeprefix('torch.')}{[batch, *input_shape]}"
        raise ModelError(
            f"cannot trace the model on {shape}: {type(error).__name__}: {error}",
            hint="pass the input shape of the model without the batch; `forward` must not read values",
        ) from error
    return recorder.trace
