"""The device and the precision of a training."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch

from headrace.errors import UsageError
from headrace.training.ranks import ALONE, Ranks

__all__ = ["choose_device", "is_mixed", "use_precision"]


def choose_device(name: str | None, ranks: Ranks = ALONE) -> torch.device:
    """Return a device by its name; None is the accelerator of this machine, or else the CPU.

    Of several ranks on a machine, each has a CUDA device of its own; other accelerators train one rank only.

    Raises:
        UsageError: The device is unknown or not available.
    """
    device = _find_device(name)
    if not ranks.are_many or device.type == "cpu":
        return device
    if device.type != "cuda":
        if name is None:
            return torch.device("cpu")
        what = f"expected 'cpu' or 'cuda' on several ranks, got '{name}'"
        raise UsageError(what, hint="start one process, or pass device='cpu'")
    if device.index is not None:  # pyright: ignore[reportUnnecessaryComparison]
        return device
    if ranks.local_rank >= torch.cuda.device_count():
        what = f"rank {ranks.rank} is number {ranks.local_rank + 1} of its machine, which has fewer GPUs: "
        raise UsageError(f"{what}{torch.cuda.device_count()}", hint="start one process for each GPU")
    device = torch.device("cuda", ranks.local_rank)
    torch.cuda.set_device(device)
    return device


def _find_device(name: str | None) -> torch.device:
    found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    best = found or torch.device("cpu")
    if name is None:
        return best
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise UsageError(f"device '{name}' is unknown", hint="use 'cpu', 'cuda' or 'mps'") from error
    is_known = device.type in ("cpu", best.type)
    if not is_known or (device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count()):
        raise UsageError(f"device '{name}' is not available", hint=f"use '{best.type}' or None")
    return device


def use_precision(device: torch.device, mixed_precision: str) -> AbstractContextManager[object]:
    """Return a context in which a model computes in a precision of `Options`."""
    if not is_mixed(device, mixed_precision):
        return nullcontext()
    return torch.autocast(device.type, torch.bfloat16)


def is_mixed(device: torch.device, mixed_precision: str) -> bool:
    """Return whether a model computes in bf16; "auto" does where the device has instructions for it."""
    if mixed_precision != "auto":
        return mixed_precision != "no"
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device.type == "cpu" and torch.cpu._is_avx512_bf16_supported()  # pyright: ignore[reportPrivateUsage]
