"""The identity of a training: only a training with the same identity is resumed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from torch import nn

from headrace.errors import UsageError
from headrace.training.checkpoint import Progress
from headrace.training.optimization_options import LENGTH_FREE
from headrace.training.options import Options
from headrace.training.ranks import Ranks

__all__ = ["TrainingIdentity", "count_parameters", "digest_layers", "may_continue"]

# Where and how often a training runs and is saved does not decide what it computes, nor does what follows it.
_NOT_STORED = frozenset(
    {
        "device",
        "compile",
        "checkpoint_seconds",
        "logger",
        "choose_threshold",
        "calibrate",
        "profile",
        "rank_timeout",
    }
)
_DEFAULTS = Options()


@dataclass(frozen=True, kw_only=True)
class TrainingIdentity:
    """Everything that decides the outcome of a training; stored with it and compared when it is resumed.

    Attributes:
        label: The label column, or output of the model to label column.
        options: The training options.
        parameters: Number of trainable parameters of the model.
        layers: Digest of the model's layers and of the shapes of its weights.
        train_rows: Rows in the training data.
        validation_data: Digest of the first batch of the validation data.
        weights: Digest of the weights at the start.
    """

    label: str | Mapping[str, str]
    options: Options
    parameters: int
    layers: str
    train_rows: int
    validation_data: str
    weights: str

    def check(self) -> None:
        """Check that there is something to train.

        Raises:
            UsageError: No parameter is trainable, or the training data has no rows.
        """
        if not self.parameters:
            raise UsageError(
                "the model has no trainable parameters", hint="add parameters that require gradients"
            )
        if not self.train_rows:
            raise UsageError("the training data has no rows", hint="check its source and filters")

    def check_ranks(self, ranks: Ranks) -> None:
        """Check that all ranks train alike, and that each has rows of a full batch.

        Raises:
            UsageError: This rank has other data or options than the first one, or batches are too small.
        """
        if self.options.batch_size < ranks.count:
            what = f"expected a batch_size of at least {ranks.count}, a row for each rank"
            hint = "raise batch_size: it counts the rows of all ranks together"
            raise UsageError(f"{what}, got {self.options.batch_size}", hint=hint)
        mine = self.to_json()
        first = ranks.broadcast(lambda: mine)
        differing = [name for name, value in mine.items() if first[name] != value] if ranks.rank else []
        if differing:
            pairs = ", ".join(f"{name} {mine[name]}, expected {first[name]}" for name in differing)
            hint = "every process must pass the same data and options, in the same order"
            raise UsageError(f"this process differs from rank 0: {pairs}", hint=hint)

    def to_json(self) -> dict[str, Any]:
        """Return the identity as JSON values; an augmentation or a loss is stored as its `repr`."""
        chosen = {
            field.name: _to_json(getattr(self.options, field.name))
            for field in fields(Options)
            if field.name not in _NOT_STORED
        }
        measured = {
            "parameters": self.parameters,
            "layers": self.layers,
            "train_rows": self.train_rows,
            "validation_data": self.validation_data,
            "weights": self.weights,
        }
        return {"label": _to_json(self.label), **chosen, **measured}

    def check_equal(self, stored: Mapping[str, Any], path: str, progress: Progress, saved: set[str]) -> None:
        """Refuse to resume a training that has another identity.

        A training may go on for more epochs, and with more patience; see `may_continue`.

        Args:
            stored: The stored identity, as `to_json` returned it.
            path: The file that holds it, for the error message.
            progress: The stored position.
            saved: Digests of weights that the training saved, with which a call may go on.

        Raises:
            UsageError: The identities differ; the message lists every difference.
        """
        current = self.to_json()
        previous = {name: _read_stored(stored, name, value) for name, value in current.items()}
        changed = {name for name, value in current.items() if previous[name] != value}
        if current["weights"] in saved:
            changed -= {"weights"}
        if may_continue(previous, current, progress):
            changed -= {"epochs", "patience"}
        if changed == {"weights"}:
            hint = (
                "call torch.manual_seed before the model is built, choose another out_dir, or pass fresh=True"
            )
            raise UsageError("the folder holds a training with other first weights", path=path, hint=hint)
        if changed:
            shown = {name.replace("_", " "): name for name in current if name in changed}
            raise UsageError(
                "the folder holds a training with other settings: "
                + ", ".join(f"{text} was {previous[n]} and is now {current[n]}" for text, n in shown.items()),
                path=path,
                hint="choose another out_dir, or pass fresh=True to start over",
            )


def may_continue(previous: Mapping[str, Any], current: Mapping[str, Any], progress: Progress) -> bool:
    """Return whether a training may go on with other numbers of epochs and of patience.

    It may if the numbers grew and the training had come to its end, or if no step depends on them.
    """
    had = previous["patience"], current["patience"]
    is_longer = previous["epochs"] <= current["epochs"] and (
        had[1] is None or (had[0] is not None and had[0] <= had[1])
    )
    return is_longer and (progress.epoch >= previous["epochs"] or current["schedule"] in LENGTH_FREE)


def _read_stored(stored: Mapping[str, Any], name: str, current: Any) -> Any:
    """Read a stored value; what an earlier version did not store was as options are by default."""
    if name == "weights":
        return stored.get(name, current)
    return stored.get(name, _to_json(getattr(_DEFAULTS, name, "unknown")))


def _to_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _to_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_to_json(each) for each in value]
    if isinstance(value, str | int | float | None):
        return value
    return _remove_addresses(repr(value))


def _remove_addresses(text: str) -> str:
    """Remove the addresses of functions, which differ between processes."""
    return re.sub(r" at 0x[0-9a-f]+", "", text)


def count_parameters(model: nn.Module) -> int:
    """Count the trainable parameters of a model."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def digest_layers(model: nn.Module) -> str:
    """Return a short digest of a model's layers and of its weights' names, types and shapes."""
    weights = [f"{name} {value.dtype} {tuple(value.shape)}" for name, value in model.state_dict().items()]
    layers = _remove_addresses(repr(model))
    return hashlib.blake2b("\n".join([layers, *weights]).encode(), digest_size=8).hexdigest()
