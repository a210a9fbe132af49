"""Weights from files: our own names, or those of another library."""

from __future__ import annotations

import os
import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from headrace.errors import ModelError

__all__ = ["Naming", "load_weights"]

Naming = tuple[tuple[str, str], ...]
"""Another library's names to ours: regular expressions and replacements, one after the other; "" drops."""


def load_weights(model: nn.Module, path: str | os.PathLike[str], namings: Mapping[str, Naming]) -> None:
    """Copy a file's weights into a model.

    Args:
        model: Changed in place.
        path: A safetensors file, or a state dict that `torch.save` wrote, alone or under "state_dict". It is
            read as tensors only: nothing in it is executed.
        namings: Tried in turn after the model's own names.

    Raises:
        ModelError: The file cannot be read, holds more than tensors, or fits the model under no naming.
    """
    found = {name.removeprefix("module."): tensor for name, tensor in _read(Path(path)).items()}
    wanted = model.state_dict()
    attempts = {"headrace": found} | {by: _renamed(found, naming) for by, naming in namings.items()}
    by = min(attempts, key=lambda name: len(_differences(attempts[name], wanted)))
    if differences := _differences(attempts[by], wanted):
        shown = ", ".join(differences[:3]) + (", ..." if len(differences) > 3 else "")
        raise ModelError(
            f"not the weights of this model: by the names of {by}, {len(differences)} of "
            f"{len(wanted)} differ ({shown})",
            path=str(path),
            hint="create the model the weights are of, with as many classes and channels",
        )
    chosen = attempts[by]
    model.load_state_dict(
        {name: chosen[name].reshape(each.shape) if name in chosen else each for name, each in wanted.items()}
    )


def _read(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ModelError(
            "holds more than tensors, which is not read", path=str(path), hint="save its state dict alone"
        ) from error
    except (SafetensorError, OSError, RuntimeError, EOFError, ValueError, KeyError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ModelError(
            f"not a readable file of weights ({reason})", path=str(path), hint="fetch or save it again"
        ) from error
    return _state_dict(content, path)


def _state_dict(content: Any, path: Path) -> dict[str, Tensor]:
    if isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]
    named = cast("dict[object, object]", content) if isinstance(content, dict) else {}
    if not named or not all(isinstance(k, str) and isinstance(v, Tensor) for k, v in named.items()):
        raise ModelError("not a state dict", path=str(path), hint="save `model.state_dict()`")
    return cast("dict[str, Tensor]", named)


def _renamed(tensors: Mapping[str, Tensor], naming: Naming) -> dict[str, Tensor]:
    renamed: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        for pattern, replacement in naming:
            name = re.sub(pattern, replacement, name)
        if name:
            renamed[name] = tensor
    return renamed


def _differences(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> list[str]:
    """What keeps `found` from being `wanted`; counters of batches, which old files lack, do not."""
    missing = [
        f"{name} is missing"
        for name in wanted
        if name not in found and not name.endswith(".num_batches_tracked")
    ]
    unknown = [f"{name} is unknown" for name in found if name not in wanted]
    shapes = [
        f"{name} is {list(found[name].shape)} for {list(tensor.shape)}"
        for name, tensor in wanted.items()
        if name in found and not _fits(found[name].shape, tensor.shape)
    ]
    return missing + unknown + shapes


def _fits(found: torch.Size, wanted: torch.Size) -> bool:
    """A dense layer may be stored as a convolution over all pixels, or of one pixel, and the other way."""
    return found == wanted or (found[:1] == wanted[:1] and found.numel() == wanted.numel())
