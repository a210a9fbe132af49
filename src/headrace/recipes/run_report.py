"""The last step of a run: metrics on the test data, and the report."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import fields
from math import isfinite
from typing import Any

import numpy as np
import pyarrow as pa

from headrace.columns import from_arrow
from headrace.data import Dataset
from headrace.heads import Head
from headrace.recipes.find import BUILT_IN
from headrace.recipes.run import Run
from headrace.report import (
    Contents,
    Importance,
    Part,
    measure_importance,
    read_labels,
    read_outcomes,
    write_report,
)
from headrace.training import FitResult, Predictions, evaluate, measure_predictions, predict

__all__ = ["write_run_report"]

PARTS = ("train", "validation", "test")
IMPORTANCE_ROWS = 1000


def write_run_report(run: Run, result: FitResult) -> None:
    """Write `metrics.json`, `report.html` and `report.json` into the folder of a run."""
    recipe = run.recipe
    head = _choose_head(result)
    found = _predict(run, run.open_transformed("test"))
    run.write_json("metrics.json", _measure(run, head, found))
    outcomes = read_outcomes(head, found.outputs, found.labels)
    raw = run.open_raw("test")
    contents = Contents(
        title=run.folder.name,
        subtitle=f"recipe {run.options.recipe}, {_name_data(run)}seed {run.training.seed}",
        result=result,
        outcomes=outcomes,
        parts={part: _describe_part(run, head, part) for part in PARTS},
        read_rows=lambda rows: _read_rows(run, raw, rows),
        image=recipe.image,
        importance=_measure_importance(run, head, raw),
        settings={field.name: getattr(run.training, field.name) for field in fields(run.training)},
        command=_write_command(run),
        steps=run.journal.seconds,
        profile=result.profile,
        verdict=run.read_verdict(),
        artefacts={
            "model": str(run.onnx.absolute()),
            "transform": str(run.transform_folder.absolute()),
            "weights": str(result.best_weights.absolute()),
        },
    )
    write_report(run.folder / "report.html", contents)


def _name_data(run: Run) -> str:
    """Name the data of a built-in recipe; that of other recipes is in their files."""
    if run.options.data_dir is not None:
        return f"data in {run.options.data_dir}, "
    return "embedded sample, " if run.options.recipe in BUILT_IN else ""


def _choose_head(result: FitResult) -> Head:
    """Return the head that is exported."""
    assert result.head is not None
    return result.head


def _predict(run: Run, data: Dataset, batch_size: int = 256) -> Predictions:
    """Return what the trained model says about transformed data."""
    label, weight = run.recipe.label, run.training.sample_weight
    return predict(run.load_model(), data, label=label, sample_weight=weight, batch_size=batch_size)


def _measure(run: Run, head: Head, found: Predictions) -> dict[str, float]:
    """Measure predictions of the test rows.

    Raises:
        ModelError: The loss is not finite; `evaluate` names the row.
    """
    training = run.training
    chosen: dict[str, Any] = {"label_scale": training.label_scale, "metrics": training.metrics}
    metrics = measure_predictions(found, head, **chosen)
    if isfinite(metrics["loss"]):
        return metrics
    chosen |= {"label": run.recipe.label, "head": head, "sample_weight": training.sample_weight}
    return evaluate(run.load_model(), run.open_transformed("test"), **chosen)


def _describe_part(run: Run, head: Head, part: str) -> Part:
    """Read the labels of a part, and where it came from."""
    raw, label = run.open_raw(part), run.recipe.label
    transform = run.load_transform().select(run.recipe.labels)
    batches = list(raw.select(list(transform.reads)).map(transform))
    rows = sum(batch.num_rows for batch in batches)
    found = {name: _join([batch[name] for batch in batches]) for name in run.recipe.labels if rows}
    if not rows:
        known = {}
    elif isinstance(label, str):
        known = read_labels(head, found[label])
    else:
        known = read_labels(head, {key: found[name] for key, name in label.items()})
    return Part(rows, known, run.read_paths().get(part, []), getattr(raw.source, "fingerprint", ""))


def _join(arrays: list[Any]) -> np.ndarray:
    """Return the values of a column; lists of different lengths as an object array of arrays."""
    if pa.types.is_list(arrays[0].type) or pa.types.is_large_list(arrays[0].type):
        lists = [np.array(each.as_py() or [], np.int64) for array in arrays for each in array]
        joined = np.empty(len(lists), object)
        joined[:] = lists
        return joined
    return np.concatenate([from_arrow(array) for array in arrays])


def _read_rows(run: Run, raw: Dataset, rows: Sequence[int]) -> pa.Table:
    """Read raw test rows, of the columns that the model reads."""
    batch = raw.open_random_access().take(np.array(rows, np.int64))
    known = set(batch.schema.names)
    names = [name for name in run.load_serving_transform().input_types if name in known]
    if run.recipe.image is not None and run.recipe.image not in names:
        names.append(run.recipe.image)
    return pa.table({name: batch[name] for name in names})


def _measure_importance(run: Run, head: Head, raw: Dataset) -> Importance | str | None:
    """Measure the importance of the raw columns on a random sample of the test rows."""
    columns = list(run.load_serving_transform().input_types)
    if len(columns) < 2:
        return None
    sample = pa.Table.from_batches(list(raw.shuffle(seed=0).take(IMPORTANCE_ROWS)), schema=raw.schema)
    transform = run.load_transform()

    def compute_losses(rows: pa.Table) -> list[float]:
        found = _predict(run, Dataset.from_arrow(rows).map(transform), batch_size=1024)
        outcomes = read_outcomes(head, found.outputs, found.labels)
        return [float(each.row_losses().mean()) for each in outcomes]

    scales: list[float] = []

    def compute_loss(rows: pa.Table) -> float:
        losses = compute_losses(rows)
        if len(losses) > 1 and not scales:  # of several outputs each in units of its own loss
            scales.extend(each or 1.0 for each in losses)
        return float(np.mean([each / scale for each, scale in zip(losses, scales or [1.0], strict=True)]))

    return measure_importance(sample, columns, compute_loss)


def _write_command(run: Run) -> str:
    """Write the command that does the run again."""
    options = run.options
    words: list[Any] = ["headrace", "run", options.recipe]
    chosen = {"data_dir": options.data_dir, "model": options.model, **options.training}
    for name, value in chosen.items():
        flag = name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{flag}" if value else f"--no-{flag}")
        elif value is not None:
            pairs = [f"{key}={each}" for key, each in value.items()] if isinstance(value, Mapping) else value
            for each in [pairs] if isinstance(pairs, str | int | float) else pairs:
                words += [f"--{flag}", each]
    return shlex.join(map(str, [*words, "--out-dir", run.folder.absolute()]))
