"""One run of a recipe: its options, its folder, and the results in it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headrace.data import Dataset
from headrace.deploy import Verdict
from headrace.errors import UsageError
from headrace.heads import Classifier, Head, Label
from headrace.json_fields import read_value
from headrace.recipes.find import BUILT_IN, digest_recipe, find_recipe
from headrace.recipes.journal import Journal, read_journal
from headrace.recipes.recipe import Recipe
from headrace.recipes.step_inputs import describe_inputs
from headrace.storage import local_target, read_bytes, write_text
from headrace.transform import Transform

if TYPE_CHECKING:
    from torch import nn

    from headrace.training import FitResult, Options

__all__ = ["Run", "RunOptions", "reopen"]

# Training options that every journal has; the others are there if the user chose them.
_JOURNALED = ("epochs", "batch_size", "learning_rate", "seed")


@dataclass(frozen=True)
class RunOptions:
    """The choices of the user for a run.

    Attributes:
        recipe: A built-in recipe's name, or a Python file.
        data_dir: The folder of the full data; None runs the embedded sample.
        model: One of the recipe's models; None is its default.
        shards: Record files of the training data.
        training: Fields of `hr.training.Options` that replace those of the recipe, as JSON values. `seed`
            also seeds the validation split, the order of the data and the initial weights.
    """

    recipe: str
    data_dir: str | None = None
    model: str | None = None
    shards: int = 4
    training: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def to_json(self) -> dict[str, Any]:
        """Return the options as flat JSON values."""
        training = {name: self.training.get(name) for name in (*_JOURNALED, *self.training)}
        run = {"recipe": self.recipe, "data_dir": self.data_dir, "model": self.model}
        return {**run, **training, "shards": self.shards}

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> RunOptions:
        """Read the options from flat JSON values.

        Raises:
            ValueError: A value has another type, or one is missing.
        """
        names = ("recipe", "data_dir", "model", "shards")
        training = {name: value for name, value in stored.items() if name not in names and value is not None}
        run = {name: stored[name] for name in names if name in stored}
        return read_value({**run, "training": training}, RunOptions)


class Run:
    """One run of a recipe in a folder of its own; `execute` does its steps.

    Attributes:
        recipe: The recipe.
        options: The options of the user, with absolute paths and the seed.
        training: The training options: those of the recipe, for the full data those of `Recipe.full`,
            those of the model, and those of the user, in this order.
        folder: The folder: records/, transform/, training/, model.onnx, report.html and run.json.
        journal: The steps that are done.
        fit_result: The result of the training, once the step has run in this process.

    Raises:
        UsageError: The recipe, one of its models or a training option is unknown, or the folder holds another
            run or other files.
    """

    def __init__(self, options: RunOptions, folder: str | os.PathLike[str], *, fresh: bool = False) -> None:
        options = _make_absolute(options)
        self.folder = local_target(folder)
        self.recipe = find_recipe(options.recipe)
        _check_model(self.recipe, options.model)
        self.training = _choose_training(self.recipe, options)
        self.options = replace(options, training={**options.training, "seed": self.training.seed})
        source = digest_recipe(options.recipe)
        stored = self.options.to_json()
        inputs = describe_inputs(self.recipe, stored, self.training)
        self.journal = Journal(self.folder, stored, source, inputs, fresh=fresh)
        self.fit_result: FitResult | None = None
        self._transform: Transform | None = None
        self._model: nn.Module | None = None

    @property
    def transform_folder(self) -> Path:
        """The folder of the frozen transform."""
        return self.folder / "transform"

    @property
    def training_folder(self) -> Path:
        """The folder of checkpoints and weights."""
        return self.folder / "training"

    @property
    def onnx(self) -> Path:
        """The file of the exported model."""
        return self.folder / "model.onnx"

    def records(self, part: str) -> Path:
        """Return the base name of the record files of a part: "train", "validation" or "test"."""
        return self.folder / "records" / part

    def open_raw(self, part: str) -> Dataset:
        """Open the raw data of a part, from its record files."""
        return Dataset.from_records(f"{self.records(part)}-*.tfrecord")

    def open_transformed(self, part: str) -> Dataset:
        """Open the data of a part as the network receives it."""
        return self.open_raw(part).map(self.load_transform())

    def load_transform(self) -> Transform:
        """Load the frozen transform, with the label; from disk the first time."""
        if self._transform is None:
            self._transform = Transform.load(self.transform_folder)
        return self._transform

    def load_serving_transform(self) -> Transform:
        """Load the frozen transform without the labels, and without the weights of rows."""
        weight = self.training.sample_weight
        left_out = [*self.recipe.labels, *([] if weight is None else [weight])]
        return self.load_transform().without(*left_out)

    def load_head(self) -> Head:
        """Load the head, with the threshold and the temperature that the training fitted."""
        from headrace.training import load_head

        return load_head(self.recipe.head, self.training_folder)

    def find_class_names(self) -> tuple[str, ...] | None:
        """Find the class names of a classifier, those of the label's vocabulary too; None without names."""
        label, head = self.recipe.label, self.recipe.head
        if not isinstance(label, str) or not isinstance(head, Classifier):
            return None
        return head.for_label(Label.from_transform(self.load_transform(), label)).names

    def build_model(self) -> nn.Module:
        """Build the recipe's network, with initial weights drawn by the seed."""
        import torch

        torch.manual_seed(self.training.seed)
        name = _choose_model(self.recipe, self.options)
        return self.recipe.build_model(self.load_transform(), name)

    def load_model(self) -> nn.Module:
        """Load the trained network, in inference mode; from disk the first time."""
        from headrace.training import load_weights

        if self._model is None:
            model = self.build_model()
            load_weights(model, self.training_folder / "best.safetensors")
            self._model = model.eval()
        return self._model

    def read_verdict(self) -> Verdict:
        """Read the verdict of the last verification.

        Raises:
            UsageError: The run has not been verified, or the file is damaged.
        """
        return self._read_json("verdict.json", Verdict)

    def read_metrics(self) -> dict[str, float]:
        """Read the metrics on the test data, which neither trained the model nor selected the best epoch.

        Raises:
            UsageError: The run has no report yet, or the file is damaged.
        """
        return self._read_json("metrics.json", dict[str, float])

    def read_paths(self) -> dict[str, list[str]]:
        """Read the files and folders that each part of the data came from; none of data in memory.

        Raises:
            UsageError: The file is damaged.
        """
        if not (self.folder / "data.json").exists():  # the first runs did not write it
            return {}
        return self._read_json("data.json", dict[str, list[str]])

    def _read_json(self, name: str, expected: Any) -> Any:
        path = str(self.folder / name)
        try:
            return read_value(json.loads(read_bytes(path)), expected)
        except (ValueError, RecursionError) as error:
            hint = "run the recipe again with --fresh"
            raise UsageError(f"the file is damaged ({error})", path=path, hint=hint) from error

    def write_json(self, name: str, value: Any) -> None:
        """Write a JSON file in the folder atomically."""
        write_text(self.folder / name, json.dumps(value, indent=1) + "\n")


def reopen(folder: str | os.PathLike[str]) -> Run:
    """Reopen the run in a folder, to verify or use its results.

    Raises:
        UsageError: The folder does not hold a run.
    """
    journal = read_journal(local_target(folder))
    try:
        options = RunOptions.from_json(journal["options"])
    except ValueError as error:
        path, hint = str(local_target(folder) / "run.json"), "run again with --fresh"
        raise UsageError(f"the run's journal is damaged ({error})", path=path, hint=hint) from error
    _check_source(options.recipe, journal, local_target(folder))
    return Run(options, folder)


def _make_absolute(options: RunOptions) -> RunOptions:
    """Make paths absolute, so that the run can be reopened from another folder."""
    recipe = options.recipe if options.recipe in BUILT_IN else str(local_target(options.recipe).absolute())
    data_dir = None if options.data_dir is None else str(local_target(options.data_dir).absolute())
    return replace(options, recipe=recipe, data_dir=data_dir)


def _check_source(recipe: str, journal: Mapping[str, Any], folder: Path) -> None:
    """Compare the source of a recipe with that of the run in a folder, before any of it is executed.

    Raises:
        UsageError: The recipe has changed.
    """
    same_name = journal["options"].get("recipe") == recipe
    if not same_name or (recipe not in BUILT_IN and not Path(recipe).is_file()):
        return
    try:
        source = digest_recipe(recipe)
    except SyntaxError:
        source = ""
    if journal["source"] != source:
        what = "the recipe has changed since the run was started"
        raise UsageError(
            what, path=str(folder), hint="run it again first: headrace run RECIPE --out-dir FOLDER"
        )


def _check_model(recipe: Recipe, model: str | None) -> None:
    if model is not None and model not in recipe.models:
        known = f"choose among {', '.join(recipe.models)}" if recipe.models else "it has a single network"
        raise UsageError(f"the recipe has no model '{model}'", hint=known)


def _choose_training(recipe: Recipe, options: RunOptions) -> Options:
    training = recipe.training if options.data_dir is None else recipe.training.override(**recipe.full)
    of_model = recipe.models.get(_choose_model(recipe, options) or "", {})
    return training.override(**of_model).override(**options.training)


def _choose_model(recipe: Recipe, options: RunOptions) -> str | None:
    return options.model or next(iter(recipe.models), None)
