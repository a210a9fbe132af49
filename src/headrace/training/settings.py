"""What decides the outcome of a training."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields
from typing import Any

from torch import nn

from headrace.errors import UsageError

__all__ = ["Settings"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that decides a training's outcome; stored with it, compared when it is resumed.

    A setting younger than a stored training was at its default there.

    Attributes:
        label: The label column.
        epochs: Passes over the training data.
        batch_size: Rows a step.
        optimizer: The optimizer's name.
        learning_rate: The schedule's peak.
        weight_decay: The optimizer's, on weight matrices and kernels.
        label_scale: What one unit of the loss is, in the label's units; regression only.
        label_smoothing: Share of a label's weight that goes to all classes alike; classification only.
        max_grad_norm: Gradients longer than this are scaled down to it; None leaves them.
        augment: The augmentation, in words.
        seed: Of dropout and whatever else the model draws, and of augmentation.
        mixed_precision: "no", "bf16" or "fp16".
        patience: Epochs without a better one after which training ends; None never ends it.
        parameters: Number of trainable numbers in the model.
        layers: Digest of the model's layers and the shapes of its weights.
        train_rows: Rows in the training data.
        validation_data: Digest of the first batch of the validation data.
    """

    label: str
    epochs: int
    batch_size: int
    optimizer: str = "adamw"
    learning_rate: float
    weight_decay: float
    label_scale: float
    label_smoothing: float = 0.0
    max_grad_norm: float | None
    augment: str | None = None
    seed: int
    mixed_precision: str
    patience: int | None
    parameters: int
    layers: str
    train_rows: int
    validation_data: str

    def check(self) -> None:
        """Refuse what cannot be trained with.

        Raises:
            UsageError: A number is out of its range, or there are no rows.
        """
        if not 0 <= self.label_smoothing < 1:
            raise UsageError(
                f"label_smoothing is {self.label_smoothing}", hint="give a number from 0 to below 1"
            )
        for name in ("epochs", "batch_size", "learning_rate", "label_scale"):
            if not getattr(self, name) > 0:
                raise UsageError(f"{name} is {getattr(self, name)}", hint="give a number above zero")
        if not self.parameters:
            raise UsageError(
                "the model has nothing to train", hint="give it parameters that require gradients"
            )
        if not self.train_rows:
            raise UsageError("the training data has no rows", hint="check its source and filters")

    def must_equal(self, stored: dict[str, Any], path: str) -> None:
        """Refuse to go on with a training that was started with other settings.

        Raises:
            UsageError: Naming every difference.
        """
        differences = list(self._differences(stored))
        if differences:
            raise UsageError(
                "a training with other settings is stored here: " + ", ".join(differences),
                path=path,
                hint="choose another out_dir, or pass fresh=True to start over",
            )

    def _differences(self, stored: dict[str, Any]) -> Iterator[str]:
        for setting in fields(self):
            default = "unknown" if setting.default is MISSING else setting.default
            was, asked = stored.get(setting.name, default), getattr(self, setting.name)
            if was != asked:
                yield f"{setting.name.replace('_', ' ')} was {was} and is now {asked}"


def parameter_count(model: nn.Module) -> int:
    """Trainable numbers in a model."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def layers_digest(model: nn.Module) -> str:
    """A short digest of a model's layers and its weights' names, types and shapes."""
    weights = [f"{name} {value.dtype} {tuple(value.shape)}" for name, value in model.state_dict().items()]
    layers = re.sub(r" at 0x[0-9a-f]+", "", repr(model))  # addresses of functions change from run to run
    return hashlib.blake2b("\n".join([layers, *weights]).encode(), digest_size=8).hexdigest()
