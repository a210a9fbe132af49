"""Load weights from files, by Headrace's tensor names or those of another library."""

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
from headrace.storage import expand_home

__all__ = ["Naming", "load_weights"]

Naming = tuple[tuple[str, str], ...]
"""Regular expressions and replacements, applied in order, from another library's tensor names to Headrace's.

A tensor whose name becomes "" is dropped.
"""


def load_weights(model: nn.Module, path: str | os.PathLike[str], namings: Mapping[str, Naming]) -> None:
    """Copy a file's weights into a model.

    Args:
        model: The model, changed in place.
        path: A safetensors file, or a state dict written by `torch.save`, at the top level or under
            "state_dict". Only tensors are read; no code in the file is executed.
        namings: Other libraries' namings, tried in order after the model's own names.

    Raises:
        ModelError: The file cannot be read, contains objects other than tensors, or matches the model under
            none of the namings.
    """
    found = {name.removeprefix("module."): tensor for name, tensor in _read(Path(expand_home(path))).items()}
    expected = model.state_dict()
    candidates = {"headrace": found} | {by: _rename(found, naming) for by, naming in namings.items()}
    best = min(candidates, key=lambda by: len(_differences(candidates[by], expected)))
    if differences := _differences(candidates[best], expected):
        shown = ", ".join(differences[:3]) + (", ..." if len(differences) > 3 else "")
        raise ModelError(
            f"weights of a different model: by the names of {best}, {len(differences)} of "
            f"{len(expected)} tensors differ ({shown})",
            path=str(path),
            hint="create the model that the weights belong to, with the same classes and channels",
        )
    tensors = candidates[best]
    model.load_state_dict(
        {name: tensors[name].reshape(t.shape) if name in tensors else t for name, t in expected.items()}
    )


def _read(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ModelError(
            "expected tensors only, got other objects", path=str(path), hint="save only the state dict"
        ) from error
    except (SafetensorError, OSError, RuntimeError, EOFError, ValueError, KeyError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ModelError(
            f"not a readable weights file ({reason})", path=str(path), hint="download or save it again"
        ) from error
    return _state_dict(content, path)


def _state_dict(content: Any, path: Path) -> dict[str, Tensor]:
    if isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]
    named = cast("dict[object, object]", content) if isinstance(content, dict) else {}
    if not named or not all(isinstance(k, str) and isinstance(v, Tensor) for k, v in named.items()):
        raise ModelError("not a state dict", path=str(path), hint="save `model.state_dict()`")
    return cast("dict[str, Tensor]", named)


def _rename(tensors: Mapping[str, Tensor], naming: Naming) -> dict[str, Tensor]:
    renamed: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        for pattern, replacement in naming:
            name = re.sub(pattern, replacement, name)
        if name:
            renamed[name] = tensor
    return renamed


def _differences(found: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> list[str]:
    """List missing, unknown and misshapen tensors; old files may lack the batch counters."""
    missing = [
        f"{name} is missing"
        for name in expected
        if name not in found and not name.endswith(".num_batches_tracked")
    ]
    unknown = [f"{name} is unknown" for name in found if name not in expected]
    shapes = [
        f"{name} has shape {list(found[name].shape)}, expected {list(tensor.shape)}"
        for name, tensor in expected.items()
        if name in found and not _is_compatible(found[name].shape, tensor.shape)
    ]
    return missing + unknown + shapes


def _is_compatible(found: torch.Size, expected: torch.Size) -> bool:
    """Accept a dense layer stored as a convolution of one pixel or of all pixels, and the reverse."""
    return found == expected or (found[:1] == expected[:1] and found.numel() == expected.numel())
