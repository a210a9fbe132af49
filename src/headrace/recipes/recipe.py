"""What a recipe is: everything one run needs to know, as data and functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

    from headrace.data import Dataset
    from headrace.deploy import Head
    from headrace.transform import Column, Transform
    from headrace.vision.augment import Augmentation

__all__ = ["Recipe", "Splits"]


@dataclass(frozen=True)
class Splits:
    """Raw data, in parts.

    Attributes:
        train: What the model learns from, and statistics are computed over.
        test: What it is measured on at the end, and verified with.
        validation: What the best epoch is chosen by; None sets a random tenth of `train` aside for it.
    """

    train: Dataset
    test: Dataset
    validation: Dataset | None = None


@dataclass(frozen=True)
class Recipe:
    """A complete run: data, preprocessing, model, training, deployment. `headrace run FILE` runs a file's.

    Attributes:
        load: Raw data, from the folder that `--data-dir` names, or None.
        preprocess: Input columns to output columns, the label among them; see `hr.transform`.
        build_model: The network for the frozen transform's features; for sizes, see `Transform.vocabularies`.
        label: The output column that is the label.
        head: What the deployed model answers with.
        models: Names that `--model` may choose among, the first being the default; empty if there is only one
            network. The chosen name is `build_model`'s second argument.
        epochs: Passes over the training data.
        batch_size: Rows a step.
        optimizer: "adamw" or "sgd"; see `hr.training.fit`.
        learning_rate: The schedule's peak.
        weight_decay: The optimizer's.
        label_scale: Regression: errors are divided by this before they are squared.
        label_smoothing: Classification: share of a label's weight that goes to all classes alike.
        augment: How training images change, anew in every epoch; see `hr.vision.augment`.
        full: Settings that replace the above when `--data-dir` gives the full data.
        image: The raw column that holds images, for the report's pictures.
    """

    load: Callable[[Path | None], Splits]
    preprocess: Callable[[Mapping[str, Column]], Mapping[str, Column]]
    build_model: Callable[[Transform, str | None], nn.Module]
    label: str
    head: Head
    models: tuple[str, ...] = ()
    epochs: int = 10
    batch_size: int = 64
    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    label_scale: float = 1.0
    label_smoothing: float = 0.0
    augment: Augmentation | None = None
    full: Mapping[str, Any] = field(default_factory=dict[str, Any])
    image: str | None = None
