"""Weights and training states as safetensors files: numbers and JSON, no pickle.

A training state is one file, so that one rename makes it whole: tensors `model/NAME`,
`optimizer/PARAMETER/KEY`, `random/cpu`, `random/cuda/N` and `sums`, and the rest as JSON in the header. The
file is written beside its place and renamed, so that a kill at any moment leaves the old state or the new
one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialize
from torch import Tensor, nn
from torch.optim import Optimizer

from headrace.errors import ModelError

__all__ = ["Progress", "load_weights", "read_progress", "restore", "save", "save_weights"]

FORMAT = "headrace training state 1"


@dataclass
class Progress:
    """Where a training is.

    Attributes:
        epoch: Epochs done.
        batches: Batches done of the epoch that is under way.
        step: Batches done in all.
        rows: Rows done in all.
        seconds: Time in training steps.
        epoch_seconds: Time in training steps of the epoch that is under way.
        best_epoch: Number of the best epoch, from 1; 0 before the first.
        history: One row an epoch.
    """

    epoch: int = 0
    batches: int = 0
    step: int = 0
    rows: int = 0
    seconds: float = 0.0
    epoch_seconds: float = 0.0
    best_epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list[dict[str, float]])


def _write(tensors: Mapping[str, Tensor], path: Path, metadata: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    with temporary.open("wb") as file:
        file.write(serialize({name: _standalone(tensor) for name, tensor in tensors.items()}, metadata))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _standalone(tensor: Tensor) -> Tensor:
    """A copy in row-major order that shares memory with nothing, as safetensors asks."""
    return tensor.detach().cpu().clone(memory_format=torch.contiguous_format)


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(path, framework="pt") as file:
            names: list[str] = file.keys()
            return {name: file.get_tensor(name) for name in names}, file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise ModelError(
            f"not a readable safetensors file ({error})", path=str(path), hint="delete it and train again"
        ) from error


def save_weights(model: nn.Module, path: Path) -> None:
    """Write a model's weights and buffers, by name, under a temporary name first."""
    _write(model.state_dict(), path, {"format": "pt"})


def load_weights(model: nn.Module, path: Path) -> None:
    """Copy a file's weights into a model.

    Raises:
        ModelError: The file cannot be read, or its names or shapes are not the model's.
    """
    _fill(model, _read(path)[0], path)


def _fill(model: nn.Module, weights: Mapping[str, Tensor], path: Path) -> None:
    try:
        model.load_state_dict(dict(weights))
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise ModelError(
            reason, path=str(path), hint="build the model that these weights were saved from"
        ) from error


def save(
    path: Path,
    model: nn.Module,
    optimizer: Optimizer,
    sums: Tensor,
    progress: Progress,
    settings: dict[str, Any],
) -> None:
    """Write a whole training state; `sums` are the metrics' sums over the epoch that is under way."""
    tensors = {f"model/{name}": value for name, value in model.state_dict().items()}
    for index, values in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{index}/{key}": value for key, value in values.items()}
    tensors["random/cpu"] = torch.get_rng_state()
    if torch.cuda.is_available():
        tensors |= {f"random/cuda/{n}": state for n, state in enumerate(torch.cuda.get_rng_state_all())}
    tensors["sums"] = sums
    run = json.dumps({"format": FORMAT, "progress": asdict(progress), "settings": settings})
    _write(tensors, path, {"run": run})


def read_progress(path: Path) -> tuple[Progress, dict[str, Any]]:
    """Where the training stored in `path` is, and its settings, without its tensors.

    Raises:
        ModelError: The file is no training state.
    """
    try:
        with safe_open(path, framework="pt") as file:
            run = json.loads((file.metadata() or {})["run"])
        if run["format"] != FORMAT:
            raise KeyError(run["format"])
        return Progress(**run["progress"]), run["settings"]
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise ModelError(
            "not a training state that can be resumed",
            path=str(path),
            hint="pass fresh=True to start over",
        ) from error


def restore(path: Path, model: nn.Module, optimizer: Optimizer, sums: Tensor) -> None:
    """Put a stored state back into model, optimizer, `sums` and torch's global generators."""
    tensors = _read(path)[0]
    _fill(model, _under("model/", tensors), path)
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in _under("optimizer/", tensors).items():
        index, key = name.split("/", 1)
        state.setdefault(int(index), {})[key] = _laid_out_as(parameters[int(index)], value)
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
    torch.set_rng_state(tensors["random/cpu"])
    for number, value in _under("random/cuda/", tensors).items():
        torch.cuda.set_rng_state(value, int(number))
    sums.copy_(tensors["sums"])


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _laid_out_as(parameter: Tensor, value: Tensor) -> Tensor:
    """Fused optimizers walk memory, so moments must have their parameter's strides (channels last, say)."""
    return torch.empty_like(parameter).copy_(value) if value.shape == parameter.shape else value
