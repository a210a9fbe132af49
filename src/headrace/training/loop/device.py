"""The device and the precision of a training."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext

import torch

from headrace.errors import UsageError

__all__ = ["choose_device", "use_precision"]


def choose_device(name: str | None) -> torch.device:
    """Return a device by its name; None is the accelerator of this machine, or else the CPU.

    Raises:
        UsageError: The device is unknown or not available, or a launcher started several processes.
    """
    if int(os.environ.get("WORLD_SIZE", "1") or 1) > 1:
        raise UsageError("training in several processes is not supported", hint="start one process")
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
    """Return a context in which a model computes in a precision: "no", or "bf16" where torch allows it."""
    if mixed_precision == "no":
        return nullcontext()
    return torch.autocast(device.type, torch.bfloat16)
