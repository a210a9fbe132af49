"""The steps of a run, in order: raw data to a verified model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from rich.console import Console

from headrace import deploy, records
from headrace.data import Dataset
from headrace.data.identity import find_paths
from headrace.deploy import Verdict
from headrace.errors import UsageError
from headrace.progress import Bar, progress_bar
from headrace.recipes.recipe import Splits
from headrace.recipes.run import Run
from headrace.recipes.user_code import locate_errors
from headrace.storage import make_folder
from headrace.transform import analyze, plan

if TYPE_CHECKING:
    from headrace.training import FitResult
    from headrace.training.ranks import Ranks

__all__ = ["analyze_records", "execute", "export_model", "train_model", "verify_model", "write_records"]

STEP_SECONDS = 86_400.0  # that ranks wait for the first one to do a step


def execute(run: Run) -> None:
    """Do the steps of a run that are not done yet.

    Of several ranks (see `docs/training.md`), all train; the first one does the other steps, and prints.

    Raises:
        HeadraceError: A step failed; a UsageError if the code of the recipe failed, or another process is
            running in the folder.
        RankError: Another process of the run failed, ended or hangs.
    """
    from headrace.training.ranks import join_ranks  # loads torch

    located = locate_errors(Path(run.options.recipe))
    with join_ranks(run.training.rank_timeout) as ranks, located, ranks.only_first(run.journal.lock()):
        if run.journal.changes and ranks.is_first:
            line = f"{', '.join(run.journal.changes)}: the steps that depend on it are done again"
            Console(stderr=True).print(line, highlight=False, markup=False, soft_wrap=True)
        for name, step in STEPS.items():
            if name == "train" and ranks.are_many:
                _train_together(run, ranks)
            else:
                do = partial(run.journal.do_step, name, partial(step, run))
                ranks.work_alone(do, STEP_SECONDS, f"does the step {name}")


def _train_together(run: Run, ranks: Ranks) -> None:
    """Train on all ranks; a training that is finished returns at once, which the report needs."""
    if ranks.is_first:
        run.journal.do_step("train", partial(train_model, run))
    train_model(run)


def write_records(run: Run) -> None:
    """Write the raw data as sharded record files; a tenth of the training data becomes validation data.

    Columns that nothing reads are left out: records may not be able to hold them.
    """
    data_dir = run.options.data_dir
    splits = run.recipe.load(None if data_dir is None else Path(data_dir))
    make_folder(run.records("train").parent)
    parts = _split_parts(splits, run.training.seed)
    run.write_json("data.json", {part: _list_paths(run, data) for part, data in parts.items()})
    for part, data in parts.items():
        with progress_bar(f"write {part}", data.num_rows, unit="rows") as bar:
            shards = run.options.shards if part == "train" else 1
            read = data.select(_list_columns(run, data))
            records.write(run.records(part), _count_rows(read, bar), shards=shards, schema=read.schema)


def analyze_records(run: Run) -> None:
    """Compute the statistics of the training data, and save the frozen transform."""
    train = run.open_raw("train")
    with progress_bar("analyze", train.num_rows, unit="rows") as bar:

        def count(batch: pa.RecordBatch) -> pa.RecordBatch:
            bar.advance(batch.num_rows)
            return batch

        analyze(run.recipe.preprocess, train.map(count)).save(run.transform_folder)


def train_model(run: Run) -> FitResult:
    """Train the network, resuming where a killed training stopped; a finished training returns at once."""
    from headrace.training import fit

    if run.fit_result is None:
        model, train = run.build_model(), run.open_transformed("train")
        if run.recipe.initialise is not None:
            run.recipe.initialise(model, train)
        run.fit_result = fit(
            model,
            train.shuffle(seed=run.training.seed),
            run.open_transformed("validation"),
            label=run.recipe.label,
            head=run.recipe.head,
            options=run.training,
            out_dir=run.training_folder,
        )
    return run.fit_result


def export_model(run: Run) -> None:
    """Export transform, network and head as one ONNX file."""
    transform, model = run.load_serving_transform(), run.load_model()
    deploy.export(
        run.onnx,
        transform=transform,
        model=model,
        head=run.load_head(),
        data=run.open_raw("train"),
        units=run.recipe.units,
    )


def verify_model(run: Run, model: Path | None = None) -> Verdict:
    """Compare the exported model with the training path over the whole test data.

    Args:
        run: The run.
        model: Another exported file of the run; None is `run.onnx`.
    """
    test = run.open_raw("test")
    with progress_bar("verify", test.num_rows, unit="rows") as bar:
        verdict = deploy.verify(
            model or run.onnx,
            _count_rows(test.batch(256), bar),
            transform=run.load_serving_transform(),
            model=run.load_model(),
            head=run.load_head(),
        )
    run.write_json("verdict.json", asdict(verdict))
    return verdict


def write_report(run: Run) -> None:
    """Write `report.html`, and the metrics on the test data as `metrics.json`."""
    from headrace.recipes.run_report import write_run_report  # loads matplotlib and jinja2

    write_run_report(run, train_model(run))


STEPS: Mapping[str, Callable[[Run], object]] = {
    "records": write_records,
    "analyze": analyze_records,
    "train": train_model,
    "export": export_model,
    "verify": lambda run: verify_model(run).passed,  # a model that failed is verified again by the next run
    "report": write_report,
}


def _split_parts(splits: Splits, seed: int) -> dict[str, Dataset]:
    if splits.validation is not None:
        return {"train": splits.train, "validation": splits.validation, "test": splits.test}
    rows = splits.train.num_rows or sum(batch.num_rows for batch in splits.train)
    if rows < 2:
        raise UsageError(
            f"expected two or more training rows, got {rows}", hint="load more rows, or pass `validation`"
        )
    held_out = max(1, rows // 10) / rows
    train, validation = splits.train.split(1 - held_out, held_out, seed=seed)
    return {"train": train.shuffle(seed=seed), "validation": validation, "test": splits.test}


def _list_paths(run: Run, data: Dataset) -> list[str]:
    """List where a part of the data came from: the folder of the data, if they were read into memory."""
    return find_paths(data) or [each for each in [run.options.data_dir] if each is not None]


def _list_columns(run: Run, data: Dataset) -> list[str]:
    """List the columns that the recipe reads, in the order of the data."""
    steps = plan(run.recipe.preprocess, data.schema).steps
    used = {step.name for step in steps if step.kind == "input"}
    return [name for name in data.schema.names if name in used or name == run.recipe.image]


def _count_rows(batches: Dataset, bar: Bar) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        bar.advance(batch.num_rows)
        yield batch
