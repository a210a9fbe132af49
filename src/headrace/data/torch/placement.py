"""The memory that tensors are copied to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from headrace.arguments import show_value
from headrace.errors import UsageError
from headrace.parallel import allocate_array
from headrace.source_line import warn_user

__all__ = ["Placement"]

_LARGE = 1 << 20  # bytes; the system clears the pages of new memory of this size


@dataclass(frozen=True)
class Placement:
    """The memory that tensors are copied to.

    Attributes:
        device: The device; None is the CPU.
        pin_memory: Copy to page-locked memory of the CPU first, which an accelerator copies from faster.
            Ignored with a warning without an accelerator.
        non_blocking: Do not wait for the copy to `device`; it needs `pin_memory` to have an effect.
    """

    device: torch.device | str | None = None
    pin_memory: bool = False
    non_blocking: bool = False

    def __post_init__(self) -> None:
        try:
            _ = None if self.device is None else torch.device(self.device)
        except (RuntimeError, TypeError, ValueError) as error:
            what = f"device: expected a device of torch, got {show_value(self.device)}"
            raise UsageError(what, hint="such as 'cpu', 'cuda' or 'cuda:1'") from error

    def place(self, array: np.ndarray, is_owned: bool = False) -> Tensor:
        """Copy an array, which may be read-only; float64 becomes float32.

        An array with `is_owned` is not copied if the tensor can have its memory.
        """
        dtype = np.float32 if array.dtype == np.float64 else array.dtype
        if self.pin_memory and _can_pin():
            tensor = torch.empty(array.shape, dtype=_torch_dtype(dtype), pin_memory=True)
            np.copyto(tensor.numpy(), array, casting="same_kind")
        else:
            can_keep = is_owned and array.flags.writeable and array.dtype == dtype
            tensor = torch.from_numpy(array if can_keep else _copy(array, dtype))
        return tensor if self.device is None else tensor.to(self.device, non_blocking=self.non_blocking)


def _copy(array: np.ndarray, dtype: Any) -> np.ndarray:
    if array.nbytes < _LARGE:
        return array.astype(dtype)
    copied = allocate_array(array.shape, dtype)
    np.copyto(copied, array, casting="same_kind")
    return copied


def _torch_dtype(dtype: Any) -> torch.dtype:
    return torch.from_numpy(np.empty(0, dtype)).dtype


@cache
def _can_pin() -> bool:
    """Return whether there is an accelerator; warn once if not, as `DataLoader` does."""
    if torch.accelerator.is_available():
        return True
    warn_user("pin_memory is ignored: no accelerator is available")
    return False
