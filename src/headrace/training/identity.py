"""The identity of a training: only a training with the same identity is resumed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from torch import nn

from headrace.errors import UsageError
from headrace.training.options import Options

__all__ = ["TrainingIdentity", "count_parameters", "digest_layers"]

# Where and how often a training runs and is saved does not decide what it computes.
_NOT_STORED = frozenset({"device", "compile", "checkpoint_seconds"})
# Options that the first trainings did not store, with the value they used.
_UNSTORED_VALUES: Mapping[str, Any] = {"optimizer": "adamw", "label_smoothing": 0.0, "augment": None}


@dataclass(frozen=True, kw_only=True)
class TrainingIdentity:
    """Everything that decides the outcome of a training; stored with it and compared when it is resumed.

    Attributes:
        label: The label column.
        options: The training options.
        parameters: Number of trainable parameters of the model.
        layers: Digest of the model's layers and of the shapes of its weights.
        train_rows: Rows in the training data.
        validation_data: Digest of the first batch of the validation data.
    """

    label: str
    options: Options
    parameters: int
    layers: str
    train_rows: int
    validation_data: str

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

    def to_json(self) -> dict[str, Any]:
        """Return the identity as flat JSON values; the augmentation is stored as its `repr`."""
        chosen = {
            field.name: getattr(self.options, field.name)
            for field in fields(Options)
            if field.name not in _NOT_STORED
        }
        if self.options.augment is not None:
            chosen["augment"] = repr(self.options.augment)
        measured = {
            "parameters": self.parameters,
            "layers": self.layers,
            "train_rows": self.train_rows,
            "validation_data": self.validation_data,
        }
        return {"label": self.label, **chosen, **measured}

    def check_equal(self, stored: Mapping[str, Any], path: str) -> None:
        """Refuse to resume a training that has another identity.

        Args:
            stored: The stored identity, as `to_json` returned it.
            path: The file that holds it, for the error message.

        Raises:
            UsageError: The identities differ; the message lists every difference.
        """
        differences = list(self._differences(stored))
        if differences:
            raise UsageError(
                "the folder holds a training with other settings: " + ", ".join(differences),
                path=path,
                hint="choose another out_dir, or pass fresh=True to start over",
            )

    def _differences(self, stored: Mapping[str, Any]) -> Iterator[str]:
        for name, value in self.to_json().items():
            previous = stored.get(name, _UNSTORED_VALUES.get(name, "unknown"))
            if previous != value:
                yield f"{name.replace('_', ' ')} was {previous} and is now {value}"


def count_parameters(model: nn.Module) -> int:
    """Count the trainable parameters of a model."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def digest_layers(model: nn.Module) -> str:
    """Return a short digest of a model's layers and of its weights' names, types and shapes."""
    weights = [f"{name} {value.dtype} {tuple(value.shape)}" for name, value in model.state_dict().items()]
    layers = re.sub(r" at 0x[0-9a-f]+", "", repr(model))  # addresses of functions differ between processes
    return hashlib.blake2b("\n".join([layers, *weights]).encode(), digest_size=8).hexdigest()
