"""A torch module whose statistics travel with it: to devices, in state dicts, in copies and pickles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn

from headrace.errors import HeadraceError, ModelError
from headrace.layers.layer_state import LayerState
from headrace.transform.analysis import Adaptation
from headrace.transform.graph import Constant

__all__ = ["StatisticsModule"]

_EXTRA_STATE = "_extra_state"  # torch's name for state that is not a parameter or buffer
_LEAST_BYTES = 4  # of a float statistic: float16 has no room for variances and ids


class StatisticsModule(nn.Module):
    """Holds statistics: floats as buffers, integers and strings as constants.

    Integers are not buffers, since averages of weights (EMA) may average buffers, which would change ids. All
    are in the state dict: numbers as tensors, strings and names in `_extra_state`; see `LayerState`.
    """

    _device: torch.device | None = None  # the device that to(), cpu() or cuda() chose

    def __init__(self) -> None:
        super().__init__()
        self._statistics: list[Constant] = []
        self._integers: dict[int, torch.Tensor] = {}
        self._adaptation: Adaptation | None = (
            None  # to the data behind the statistics; None if they were loaded
        )
        self._dtype: torch.dtype | None = None  # the dtype that half(), bfloat16(), float() or double() chose

    def vocabulary_state(self) -> Mapping[str, Any]:
        """Return a vocabulary that is not a statistic, as values of JSON; empty without one."""
        return {}

    def load_vocabulary_state(self, stored: Mapping[str, Any]) -> None:
        """Replace the vocabulary by what `vocabulary_state` returned, after the statistics were replaced.

        Raises:
            UsageError, ModelError: It does not match the layer's arguments.
        """

    def _set_statistics(self, statistics: list[Constant]) -> None:
        """Replace the statistics; tensors remain on their device."""
        old = [*self._buffers.values(), *self._integers.values()]
        device = next((tensor.device for tensor in old if tensor is not None), None)
        for position in range(len(self._statistics)):
            self._buffers.pop(_key(position), None)
        self._statistics, self._integers = statistics, {}
        for position, each in enumerate(statistics):
            if _is_float(each):
                self.register_buffer(_key(position), torch.tensor(each.value, device=device))
            elif not _is_strings(each):
                self._integers[position] = torch.tensor(each.value, device=device)
        self._forget()

    def _read_constant(self, constant: Constant, device: torch.device) -> torch.Tensor:
        """Return a constant of the layer's graph as a tensor."""
        for position, each in enumerate(self._statistics):
            if each is constant:
                integers = self._integers.get(position)
                value = getattr(self, _key(position)) if integers is None else integers
                return value if value.device == device else value.to(device)
        return torch.tensor(constant.value, device=device)

    def _list_tensors(self) -> list[torch.Tensor]:
        """List the tensors of the statistics."""
        return [*(each for each in self._buffers.values() if each is not None), *self._integers.values()]

    def read_buffers(self) -> None:
        """Replace the statistics by the values of their buffers, which averages of weights change."""
        self._statistics = [
            replace(each, value=_to_numpy(getattr(self, _key(position)))) if _is_float(each) else each
            for position, each in enumerate(self._statistics)
        ]
        self._forget()

    def _apply(self, fn: Callable[[torch.Tensor], torch.Tensor], recurse: bool = True) -> Any:
        """Move or convert the tensors; statistics are never converted below float32."""
        before = dict(self._buffers)
        super()._apply(fn, recurse)
        for name, old in before.items():
            new = self._buffers[name]
            if (
                old is not None
                and new is not None
                and new.dtype.itemsize < min(old.dtype.itemsize, _LEAST_BYTES)
            ):
                self._buffers[name] = old.to(new.device)
        self._integers = {position: fn(tensor) for position, tensor in self._integers.items()}
        half, single = (fn(torch.empty(0, dtype=dtype)) for dtype in (torch.float16, torch.float32))
        if half.dtype == single.dtype:
            self._dtype = single.dtype
        self._device = single.device
        return self

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        super()._save_to_state_dict(destination, prefix, keep_vars)
        for position, tensor in self._integers.items():
            destination[prefix + _key(position)] = tensor.clone()
        vocabulary = self.vocabulary_state()
        if self._statistics or vocabulary:
            state = LayerState.from_statistics(type(self).__name__, self._statistics, vocabulary)
            destination[prefix + _EXTRA_STATE] = state.to_tensor()

    def _load_from_state_dict(
        self,
        state_dict: Mapping[str, Any],
        prefix: str,
        local_metadata: Any,
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Load the statistics and the vocabulary, also into a layer that was adapted to other data."""
        stored = state_dict.get(prefix + _EXTRA_STATE)
        try:
            if stored is not None:
                self._adopt(LayerState.from_tensor(stored), state_dict, prefix)
            elif any(map(_is_strings, self._statistics)) or (
                not self._statistics and self.vocabulary_state()
            ):
                missing_keys.append(prefix + _EXTRA_STATE)
        except HeadraceError as error:
            error_msgs.append(f"{prefix.rstrip('.') or type(self).__name__}: {error}")
        arguments = (local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
        super()._load_from_state_dict(dict(state_dict), prefix, *arguments)
        known = {prefix + _EXTRA_STATE, *(prefix + _key(position) for position in self._integers)}
        unexpected_keys[:] = [key for key in unexpected_keys if key not in known]
        self._read_back(state_dict, prefix)

    def _needs_state(self) -> bool:
        """Return whether there is a vocabulary that tensors of numbers do not hold."""
        return any(map(_is_strings, self._statistics)) if self._statistics else bool(self.vocabulary_state())

    def _adopt(self, state: LayerState, tensors: Mapping[str, Any], prefix: str) -> None:
        """Replace the statistics by those of a state, before the values of buffers are loaded."""
        if state.layer != type(self).__name__:
            what = f"expected the state of a {type(self).__name__}, got that of a {state.layer}"
            raise ModelError(what, hint="build the model as it was saved")
        statistics: list[Constant] = []
        for position, (name, strings, is_correction) in enumerate(state.statistics):
            tensor = tensors.get(prefix + _key(position))
            if strings is None and tensor is None:
                raise ModelError(f"the state lacks {_key(position)}", hint="save the model again")
            value = strings if tensor is None or strings is not None else _to_numpy(tensor)
            statistics.append(Constant(value, name, is_correction))
        self._check_sizes(statistics)
        self._set_statistics(statistics)
        self.load_vocabulary_state(state.vocabulary)

    def _check_sizes(self, statistics: list[Constant]) -> None:
        """Refuse statistics of other shapes, except where they are a vocabulary, of any size."""
        old = self._statistics
        if not old or not all(map(_is_float, old)) or not all(map(_is_float, statistics)):
            return
        shapes = [[list(each.value.shape) for each in some] for some in (old, statistics)]
        if shapes[0] != shapes[1]:
            expected, found = (", ".join(map(str, some)) for some in shapes)
            what = f"expected statistics of shape {expected}, got {found}"
            raise ModelError(what, hint="adapt the layer to data of the same shape")

    def _read_back(self, tensors: Mapping[str, Any], prefix: str) -> None:
        """Replace the statistics by the values of the buffers, and the integers by those of a state dict."""
        statistics = list(self._statistics)
        for position, each in enumerate(statistics):
            integers, key = self._integers.get(position), _key(position)
            tensor = getattr(self, key) if _is_float(each) else tensors.get(prefix + key)
            if tensor is None or _is_strings(each):
                continue
            statistics[position] = replace(each, value=_to_numpy(tensor))
            if integers is not None:
                self._integers[position] = tensor.detach().to(integers.device, copy=True)
        if any(key.startswith(prefix + "statistic_") or key == prefix + _EXTRA_STATE for key in tensors):
            self._adaptation = None
        self._statistics = statistics
        self._forget()

    def _forget(self) -> None:
        """Discard what was derived from the statistics."""


def _to_numpy(tensor: torch.Tensor) -> np.ndarray:
    """Copy a tensor to NumPy; floats below float32 become float32."""
    is_narrow = tensor.is_floating_point() and tensor.dtype.itemsize < _LEAST_BYTES
    return (tensor.detach().float() if is_narrow else tensor.detach()).cpu().numpy().copy()


def _key(position: int) -> str:
    return f"statistic_{position}"


def _is_float(statistic: Constant) -> bool:
    return isinstance(statistic.value, np.ndarray) and statistic.value.dtype.kind == "f"


def _is_strings(statistic: Constant) -> bool:
    return not isinstance(statistic.value, np.ndarray)
