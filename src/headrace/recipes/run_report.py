"""The last step of a run: metrics on the test data, and the page that shows it all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from headrace.columns import from_arrow
from headrace.deploy import Classifier
from headrace.report import Samples, write_report
from headrace.storage import write_text
from headrace.training import Predictions, evaluate, predict

if TYPE_CHECKING:
    from headrace.recipes.run import Run

__all__ = ["report"]

SHOWN = 40


def report(run: Run) -> None:
    """Write `metrics.json` and `report.html` into the run's folder."""
    recipe, test = run.recipe, run.transformed("test")
    metrics = evaluate(run.model, test, label=recipe.label, label_scale=recipe.label_scale)
    write_text(run.folder / "metrics.json", json.dumps(metrics, indent=1) + "\n")
    predictions = predict(run.model, test, label=recipe.label)
    options = run.options
    write_report(
        run.folder / "report.html",
        title=run.folder.name,
        subtitle=f"recipe {options.recipe}, {options.data_dir or 'embedded sample'}, seed {options.seed}",
        result=run.fit_result,
        predictions=predictions,
        class_names=recipe.head.class_names if isinstance(recipe.head, Classifier) else None,
        samples=_samples(run, predictions),
        steps=run.journal.seconds,
        verdict=run.verdict,
        artefacts={
            "model": run.onnx,
            "transform": run.folder / "transform",
            "weights": run.fit_result.best_weights,
        },
    )


def _samples(run: Run, predictions: Predictions) -> Samples | None:
    if run.recipe.image is None:
        return None
    assert predictions.labels is not None
    images: list[Any] = [from_arrow(batch[run.recipe.image]) for batch in run.raw("test").take(SHOWN)]
    return Samples(np.concatenate(images), predictions.labels[:SHOWN], predictions.classes[:SHOWN])
