"""Weights and checkpoints as safetensors files: numbers and JSON, no pickle.

A checkpoint is one file, so that one rename commits it: tensors `model/NAME`, `optimizer/PARAMETER/KEY`,
`average/NAME`, `random/cpu`, `random/cuda/N`, `sums`, and `ranks/N/NAME`; progress and settings as JSON in
the header. A kill at any moment leaves the old checkpoint or the new one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import inf
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as deserialize
from safetensors.torch import save as serialize
from torch import Tensor, nn
from torch.optim import Optimizer

from headrace import storage
from headrace.arguments import show_value
from headrace.errors import ModelError, UsageError
from headrace.json_fields import read_value
from headrace.nn import check_model, digest_tensors
from headrace.training.optimization import WeightAverage, check_moments

__all__ = [
    "Progress",
    "Trained",
    "digest_saved",
    "load_weights",
    "parse_progress",
    "read_checkpoint",
    "read_progress",
    "restore_checkpoint",
    "save_checkpoint",
    "save_weights",
]

FORMAT = "headrace training state 1"
_START_OVER = "pass fresh=True to start over"


@dataclass
class Progress:
    """The position of a training.

    Attributes:
        epoch: Finished epochs.
        batches: Finished batches of the current epoch.
        step: Finished batches of all epochs.
        rows: Rows of all finished epochs.
        seconds: Seconds in training steps of all finished epochs.
        epoch_seconds: Seconds in training steps of the current epoch.
        wait_seconds: Seconds of `seconds` in which the training waited for data.
        epoch_wait_seconds: Seconds of `epoch_seconds` in which the training waited for data.
        data: The state of the iterator over the training data after `batches` batches; None at the start of
            an epoch, and in checkpoints of earlier versions.
        best_epoch: Number of the best epoch, from 1; 0 before the first is finished.
        history: One row of metrics per finished epoch.
        lengths: Numbers of epochs that the training was asked for before, whose schedule its epochs followed.
    """

    epoch: int = 0
    batches: int = 0
    step: int = 0
    rows: int = 0
    seconds: float = 0.0
    epoch_seconds: float = 0.0
    wait_seconds: float = 0.0
    epoch_wait_seconds: float = 0.0
    data: dict[str, Any] | None = None
    best_epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list[dict[str, float]])
    lengths: list[int] = field(default_factory=list[int])

    def check(self) -> None:
        """Check that the numbers can be those of a training.

        Raises:
            ValueError: A number is negative, or the best epoch is not in the history.
        """
        for name, value in vars(self).items():
            if isinstance(value, int | float) and not 0 <= value < inf:
                raise ValueError(f"field '{name}' is {value}")
        if not min(self.epoch, 1) <= self.best_epoch <= len(self.history):
            rows = len(self.history)
            raise ValueError(f"the best epoch is {self.best_epoch}, the history has {rows} epochs")
        if any(row.keys() != self.history[0].keys() for row in self.history):
            raise ValueError("the rows of the history have different fields")


@dataclass(frozen=True)
class Trained:
    """What a checkpoint holds beside the weights of the model.

    Attributes:
        optimizer: The optimizer.
        sums: The metric sums of the current epoch.
        average: The average of the weights, if there is one.
    """

    optimizer: Optimizer
    sums: Tensor
    average: WeightAverage | None = None


def _write(tensors: Mapping[str, Tensor], path: Path, metadata: dict[str, str]) -> None:
    storage.make_folder(path.parent)
    copies = {name: _copy_contiguous(tensor) for name, tensor in tensors.items()}
    storage.write_bytes(path, storage.seal(serialize(copies, {**metadata, **storage.SEAL})))


def _copy_contiguous(tensor: Tensor) -> Tensor:
    """Copy a tensor to the CPU in row-major order; safetensors refuses tensors that share memory."""
    return tensor.detach().cpu().clone(memory_format=torch.contiguous_format)


def _read_tensors(path: Path, data: bytes | None = None) -> dict[str, Tensor]:
    """Read all tensors by name, at once: `safe_open` opens a file twice, which may be replaced in between."""
    try:
        data = storage.read_bytes(str(path)) if data is None else data
        storage.check_seal(data, str(path))
        return dict(sorted(deserialize(data).items()))
    except SafetensorError as error:
        kind = storage.find_file_kind(str(path))
        what = f"expected weights, got {kind.what}" if kind else f"not a readable safetensors file ({error})"
        hint = kind.hint if kind else "delete it and train again"
        raise ModelError(what, path=str(path), hint=hint) from error
    except UsageError as error:
        raise ModelError(error.what, path=error.path, hint=error.hint) from error


def save_weights(model: nn.Module, path: str | os.PathLike[str]) -> None:
    """Write the weights and buffers of a model atomically, by name.

    Raises:
        UsageError: `model` is not a module, or `path` not a path.
    """
    _write(check_model(model).state_dict(), _check_path(path), {"format": "pt"})


def digest_saved(path: Path) -> str:
    """Digest the weights in a file, as `digest_weights` digests those of a model.

    Raises:
        ModelError: The file cannot be read.
    """
    return digest_tensors(_read_tensors(path))


def load_weights(model: nn.Module, path: str | os.PathLike[str]) -> None:
    """Load weights from a file into a model.

    Raises:
        ModelError: The file cannot be read, or its names, shapes or types are not the model's.
        UsageError: `model` is not a module, or `path` not a path.
    """
    path = _check_path(path)
    _load_state(check_model(model), _read_tensors(path), path)


def _check_path(path: Any) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise UsageError(f"path: expected a path, got {show_value(path)}", hint="pass the path of a file")
    return Path(storage.expand_home(path))


def _load_state(model: nn.Module, weights: Mapping[str, Tensor], path: Path) -> None:
    for name, value in model.state_dict().items():
        found = weights.get(name, value)
        if found.is_complex() != value.is_complex() or found.is_floating_point() != value.is_floating_point():
            wanted, got = (str(each.dtype).removeprefix("torch.") for each in (value, found))
            what = f"{name}: expected {wanted}, got {got}"
            raise ModelError(what, path=str(path), hint="save the weights of this model again")
    try:
        model.load_state_dict(dict(weights))
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise ModelError(
            reason, path=str(path), hint="build the model that these weights were saved from"
        ) from error


def save_checkpoint(
    path: Path,
    model: nn.Module,
    trained: Trained,
    progress: Progress,
    settings: dict[str, Any],
    of_ranks: Mapping[str, Tensor] | None = None,
) -> None:
    """Write a checkpoint atomically; `of_ranks` are the tensors `ranks/N/NAME`."""
    tensors = {f"model/{name}": value for name, value in model.state_dict().items()}
    for index, values in trained.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{index}/{key}": value for key, value in values.items()}
    tensors |= {"random/cpu": torch.get_rng_state(), "sums": trained.sums, **(of_ranks or {})}
    if torch.cuda.is_available():
        tensors |= {f"random/cuda/{n}": state for n, state in enumerate(torch.cuda.get_rng_state_all())}
    if trained.average is not None:
        tensors |= {f"average/{name}": value for name, value in trained.average.values.items()}
    run = {"format": FORMAT, "progress": asdict(progress), "settings": settings}
    _write(tensors, path, {"run": json.dumps(run)})


def read_progress(path: Path) -> tuple[Progress, dict[str, Any]]:
    """Read the progress and the settings of a checkpoint, without its tensors; see `parse_progress`."""
    return parse_progress(read_checkpoint(path), path)


def read_checkpoint(path: Path) -> bytes:
    """Read the bytes of a checkpoint.

    Raises:
        ModelError: The file cannot be read.
    """
    try:
        return storage.read_bytes(str(path))
    except UsageError as error:
        raise ModelError(error.what, path=error.path, hint=error.hint) from error


def parse_progress(data: bytes, path: Path) -> tuple[Progress, dict[str, Any]]:
    """Parse the progress and the settings of a checkpoint.

    Raises:
        ModelError: The file is not a checkpoint, or a checkpoint of another format.
    """
    try:
        storage.check_seal(data, str(path), _START_OVER)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        run = json.loads(header["__metadata__"]["run"])
        if run["format"] != FORMAT:
            raise ModelError(
                f"expected format '{FORMAT}', got '{run['format']}'",
                path=str(path),
                hint="use the version of Headrace that wrote it, or pass fresh=True to start over",
            )
        progress = read_value(run["progress"], Progress)
        progress.check()
        return progress, read_value(run["settings"], dict[str, Any])
    except UsageError as error:
        raise ModelError(error.what, path=error.path, hint=error.hint) from error
    except (LookupError, TypeError, ValueError, RecursionError) as error:
        raise ModelError(
            f"not a checkpoint that can be resumed ({error or type(error).__name__})",
            path=str(path),
            hint=_START_OVER,
        ) from error


def restore_checkpoint(
    path: Path, model: nn.Module, trained: Trained, data: bytes | None = None
) -> dict[str, Tensor]:
    """Load a checkpoint into model, optimizer, average, sums and random generators; return `ranks/N/NAME`.

    Raises:
        ModelError: The file cannot be read, or its tensors are not those of this model and optimizer.
    """
    tensors = _read_tensors(path, data)
    try:
        _restore(tensors, model, trained, path)
        return {name: value for name, value in tensors.items() if name.startswith("ranks/")}
    except (LookupError, ValueError, TypeError, RuntimeError) as error:
        what = f"not a checkpoint that can be resumed ({type(error).__name__}: {error})"
        raise ModelError(what, path=str(path), hint=_START_OVER) from error


def _restore(tensors: Mapping[str, Tensor], model: nn.Module, trained: Trained, path: Path) -> None:
    optimizer, sums = trained.optimizer, trained.sums
    _load_state(model, _select_prefix("model/", tensors), path)
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in _select_prefix("optimizer/", tensors).items():
        index, key = name.split("/", 1)
        state.setdefault(int(index), {})[key] = _match_strides(parameters[int(index)], value)
    check_moments(state, parameters, optimizer)
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
    if trained.average is not None:
        trained.average.load(_select_prefix("average/", tensors))
    torch.set_rng_state(tensors["random/cpu"])
    for number, value in _select_prefix("random/cuda/", tensors).items():
        torch.cuda.set_rng_state(value, int(number))
    if tensors["sums"].shape != sums.shape:
        raise ValueError(f"sums: expected shape {list(sums.shape)}, got {list(tensors['sums'].shape)}")
    sums.copy_(tensors["sums"])


def _select_prefix(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _match_strides(parameter: Tensor, value: Tensor) -> Tensor:
    """Give a moment the strides of its parameter (such as channels last), as fused optimizers require."""
    return torch.empty_like(parameter).copy_(value) if value.shape == parameter.shape else value
