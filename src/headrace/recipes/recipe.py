"""Recipes: everything that one run needs to know, as data and functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

    from headrace.data import Dataset
    from headrace.deploy import Head
    from headrace.training import Options
    from headrace.transform import Column, Transform

__all__ = ["Recipe", "Splits"]


@dataclass(frozen=True)
class Splits:
    """Raw data, split into parts.

    Attributes:
        train: The data to train on and to compute statistics over.
        test: The data of the final metrics and of the verification.
        validation: The data that selects the best epoch; None takes a random tenth of `train`.
    """

    train: Dataset
    test: Dataset
    validation: Dataset | None = None


class Recipe:
    """A complete run: data, preprocessing, model, training, deployment. `headrace run FILE` runs a file's.

    Attributes:
        load: Loads the raw data, from the folder that `--data-dir` names, or None.
        preprocess: Maps input columns to output columns, the label among them; see `hr.transform`.
        build_model: Builds the network for a frozen transform and the chosen name of `models`; for sizes, see
            `Transform.vocabularies` and `Transform.output_types`.
        label: The output column that is the label; of a network that returns a dict, output to label column.
        head: Computes the outputs of the deployed model; of a network that returns a dict, output to head.
        models: Names for `--model` to choose from, the default first; empty for a single network. Each has
            training options that replace others for it, those of `full` too.
        training: The training options.
        full: Training options that replace others when `--data-dir` provides the full data.
        image: The raw column of images that the report shows.
        units: Raw column to the unit of its values, for the signature of the exported file.
        initialise: Sets initial weights of the network from the transformed training data, before the first
            epoch, such as `hr.vision.whiten_first_layer`. Called with both, again when a run resumes: it must
            set the same weights each time.
    """

    def __init__(
        self,
        load: Callable[[Path | None], Splits],
        preprocess: Callable[[Mapping[str, Column]], Mapping[str, Column]],
        build_model: Callable[[Transform, str | None], nn.Module],
        label: str | Mapping[str, str],
        head: Head | Mapping[str, Head],
        models: Sequence[str] | Mapping[str, Mapping[str, Any]] = (),
        training: Options | None = None,
        full: Mapping[str, Any] | None = None,
        image: str | None = None,
        units: Mapping[str, str] | None = None,
        initialise: Callable[[nn.Module, Dataset], object] | None = None,
        **overrides: Any,
    ) -> None:
        """Make a recipe; `overrides` are fields of `hr.training.Options`, such as `epochs=5`.

        `models` are names, or a dict of name to training options.

        Raises:
            UsageError: An unknown training option.
        """
        from headrace.training import Options  # torch loads only when a recipe is made

        self.load = load
        self.preprocess = preprocess
        self.build_model = build_model
        self.label = label
        self.head = head
        self.models = {name: dict(models[name]) if isinstance(models, Mapping) else {} for name in models}
        self.training = (training or Options()).override(**overrides)
        for each in self.models.values():
            self.training.override(**each)
        self.full = dict(full or {})
        self.image = image
        self.units = dict(units or {})
        self.initialise = initialise

    @property
    def labels(self) -> tuple[str, ...]:
        """The label columns."""
        return (self.label,) if isinstance(self.label, str) else tuple(dict.fromkeys(self.label.values()))
