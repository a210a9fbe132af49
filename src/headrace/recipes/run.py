"""A recipe from raw data to a verified model, step by step; what was done before is not done again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
from torch import nn

from headrace import deploy, records
from headrace.data import Dataset
from headrace.deploy import OutputCheck, Verdict
from headrace.errors import UsageError
from headrace.progress import progress_bar
from headrace.recipes.blame import blame
from headrace.recipes.find import BUILT_IN, find_recipe, recipe_digest
from headrace.recipes.journal import Journal, read_journal
from headrace.recipes.recipe import Recipe, Splits
from headrace.storage import write_text
from headrace.training import FitResult, fit, load_weights
from headrace.transform import Transform, analyze

__all__ = ["Run", "RunOptions", "reopen"]

_PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class RunOptions:
    """What a user may choose for a run; None leaves the choice to the recipe.

    Attributes:
        recipe: A built-in recipe's name, or a Python file.
        data_dir: The folder of the full data.
        model: One of the recipe's models.
        epochs: Passes over the training data.
        batch_size: Rows a step.
        learning_rate: The schedule's peak.
        seed: Of the validation split, the order of the data, the weights and dropout.
        shards: Record files for each part of the data.
    """

    recipe: str
    data_dir: str | None = None
    model: str | None = None
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    seed: int = 0
    shards: int = 4


class Run:
    """One run of a recipe in a folder of its own.

    Attributes:
        recipe: The recipe, with the options' settings in place of its own.
        options: What the user chose.
        folder: records/, transform/, training/, model.onnx, report.html and run.json.
    """

    def __init__(self, options: RunOptions, folder: str | os.PathLike[str], *, fresh: bool = False) -> None:
        self.options = options = _absolute(options)
        self.folder = Path(folder)
        self.recipe = _settled(find_recipe(options.recipe), options)
        self.journal = Journal(self.folder, asdict(options), recipe_digest(options.recipe), fresh=fresh)

    def execute(self) -> None:
        """All steps that have not been done yet.

        Raises:
            HeadraceError: Of the step that fails; a UsageError if it is the recipe's own code that does.
        """
        with blame(Path(self.options.recipe)):
            self.journal.step("records", self.write_records)
            self.journal.step("analyze", self.analyze)
            self.journal.step("train", lambda: self.fit_result)
            self.journal.step("export", self.export)
            self.journal.step("verify", self.verify)
            self.journal.step("report", self.report)

    def write_records(self) -> None:
        """The raw data as sharded TFRecord files, a tenth of the training data set aside for validation."""
        splits = self.recipe.load(None if self.options.data_dir is None else Path(self.options.data_dir))
        (self.folder / "records").mkdir(parents=True, exist_ok=True)
        for part, data in _three_parts(splits, self.options.seed).items():
            with progress_bar(f"write {part}", data.num_rows, unit="rows") as bar:
                base = self.folder / "records" / part
                shards = self.options.shards if part == "train" else 1
                records.write(base, _counted(data, bar), shards=shards, schema=data.schema)

    def raw(self, part: str) -> Dataset:
        """The raw data of a part ("train", "validation", "test"), from its record files."""
        return Dataset.from_records(str(self.folder / "records" / f"{part}-*.tfrecord"))

    def analyze(self) -> None:
        """The statistics of the training data, frozen into the transform."""
        train = self.raw("train")
        with progress_bar("analyze", train.num_rows, unit="rows") as bar:
            counted = train.map(lambda batch: _count(batch, bar))
            analyze(self.recipe.preprocess, counted).save(self.folder / "transform")

    @cached_property
    def transform(self) -> Transform:
        """The frozen transform, label included."""
        return Transform.load(self.folder / "transform")

    @cached_property
    def serving_transform(self) -> Transform:
        """The frozen transform of the features only."""
        return self.transform.without(self.recipe.label)

    def new_model(self) -> nn.Module:
        """The recipe's network, with weights drawn by the seed."""
        import torch

        torch.manual_seed(self.options.seed)
        return self.recipe.build_model(
            self.transform, self.options.model or next(iter(self.recipe.models), None)
        )

    @cached_property
    def model(self) -> nn.Module:
        """The network with the trained weights, ready to predict."""
        model = self.new_model()
        load_weights(model, self.folder / "training" / "best.safetensors")
        return model.eval()

    @cached_property
    def fit_result(self) -> FitResult:
        """The training; goes on where it stopped, and is returned at once if it is finished."""
        return fit(
            self.new_model(),
            self.transformed("train").shuffle(seed=self.options.seed),
            self.transformed("validation"),
            label=self.recipe.label,
            epochs=self.recipe.epochs,
            batch_size=self.recipe.batch_size,
            optimizer=self.recipe.optimizer,
            learning_rate=self.recipe.learning_rate,
            weight_decay=self.recipe.weight_decay,
            label_scale=self.recipe.label_scale,
            label_smoothing=self.recipe.label_smoothing,
            augment=self.recipe.augment,
            seed=self.options.seed,
            out_dir=self.folder / "training",
        )

    def transformed(self, part: str) -> Dataset:
        """A part's data as the network sees it."""
        return self.raw(part).map(self.transform)

    @property
    def onnx(self) -> Path:
        """The exported model's file."""
        return self.folder / "model.onnx"

    def export(self) -> None:
        """Transform, network and head as one ONNX file."""
        deploy.export(self.onnx, transform=self.serving_transform, model=self.model, head=self.recipe.head)

    def verify(self, model: Path | None = None) -> Verdict:
        """The exported model (or another file of it) against the training path, over the whole test data."""
        test = self.raw("test")
        with progress_bar("verify", test.num_rows, unit="rows") as bar:
            verdict = deploy.verify(
                model or self.onnx,
                _counted(test.batch(256), bar),
                transform=self.serving_transform,
                model=self.model,
                head=self.recipe.head,
            )
        _write_json(self.folder / "verdict.json", asdict(verdict))
        return verdict

    @property
    def verdict(self) -> Verdict:
        """What `verify` found the last time."""
        stored = json.loads((self.folder / "verdict.json").read_text())
        return Verdict(stored["model"], stored["rows"], [OutputCheck(**each) for each in stored["outputs"]])

    def report(self) -> None:
        """`report.html`, and the test metrics in `metrics.json`."""
        from headrace.recipes.run_report import (
            report,
        )  # matplotlib and jinja2 load only when there is one to write

        report(self)

    @property
    def metrics(self) -> dict[str, float]:
        """The metrics on the test data, which had no part in training or in choosing the best epoch."""
        return json.loads((self.folder / "metrics.json").read_text())


def reopen(folder: str | os.PathLike[str]) -> Run:
    """The run whose results are in `folder`, to verify or use them.

    Raises:
        UsageError: There is no run in the folder.
    """
    return Run(RunOptions(**read_journal(Path(folder))["options"]), folder)


def _absolute(options: RunOptions) -> RunOptions:
    """The options with paths that hold wherever the run is reopened from."""
    recipe = options.recipe if options.recipe in BUILT_IN else str(Path(options.recipe).absolute())
    data_dir = None if options.data_dir is None else str(Path(options.data_dir).absolute())
    return replace(options, recipe=recipe, data_dir=data_dir)


def _settled(recipe: Recipe, options: RunOptions) -> Recipe:
    """The recipe with the settings of the full data, if it is there, and then those of the options."""
    if options.data_dir is not None:
        recipe = replace(recipe, **recipe.full)
    if options.model is not None and options.model not in recipe.models:
        known = ", ".join(recipe.models) or "none: it has one network only"
        raise UsageError(f"the recipe has no model '{options.model}'", hint=f"choose among {known}")
    chosen = {name: getattr(options, name) for name in ("epochs", "batch_size", "learning_rate")}
    return replace(recipe, **{name: value for name, value in chosen.items() if value is not None})


def _three_parts(splits: Splits, seed: int) -> dict[str, Dataset]:
    if splits.validation is not None:
        return {"train": splits.train, "validation": splits.validation, "test": splits.test}
    rows = splits.train.num_rows or sum(batch.num_rows for batch in splits.train)
    mixed = splits.train.shuffle(seed=seed, window=max(rows, 1))
    held_out = max(1, rows // 10)
    return {"train": mixed.skip(held_out), "validation": mixed.take(held_out), "test": splits.test}


def _counted(batches: Dataset, bar: Any) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield _count(batch, bar)


def _count(batch: pa.RecordBatch, bar: Any) -> pa.RecordBatch:
    bar.advance(batch.num_rows)
    return batch


def _write_json(path: Path, value: Any) -> None:
    write_text(path, json.dumps(value, indent=1) + "\n")
