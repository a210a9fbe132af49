"""The last step of a run: metrics on the test data, and the report."""

from __future__ import annotations

from typing import Any

import numpy as np

from headrace.columns import from_arrow
from headrace.recipes.run import Run
from headrace.report import Samples, write_report
from headrace.training import FitResult, Predictions, evaluate, predict

__all__ = ["write_run_report"]

SAMPLE_COUNT = 40


def write_run_report(run: Run, result: FitResult) -> None:
    """Write `metrics.json` and `report.html` into the folder of a run."""
    recipe, options = run.recipe, run.options
    model, test = run.load_model(), run.open_transformed("test")
    metrics = evaluate(model, test, label=recipe.label, label_scale=run.training.label_scale)
    run.write_json("metrics.json", metrics)
    predictions = predict(model, test, label=recipe.label)
    data, seed = options.data_dir or "embedded sample", run.training.seed
    write_report(
        run.folder / "report.html",
        title=run.folder.name,
        subtitle=f"recipe {options.recipe}, {data}, seed {seed}",
        result=result,
        predictions=predictions,
        class_names=run.find_class_names(),
        samples=_read_samples(run, predictions),
        steps=run.journal.seconds,
        verdict=run.read_verdict(),
        artefacts={"model": run.onnx, "transform": run.transform_folder, "weights": result.best_weights},
    )


def _read_samples(run: Run, predictions: Predictions) -> Samples | None:
    column = run.recipe.image
    if column is None:
        return None
    assert predictions.labels is not None
    images: list[Any] = [from_arrow(batch[column]) for batch in run.open_raw("test").take(SAMPLE_COUNT)]
    return Samples(
        np.concatenate(images), predictions.labels[:SAMPLE_COUNT], predictions.classes[:SAMPLE_COUNT]
    )
