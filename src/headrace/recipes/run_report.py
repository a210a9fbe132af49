"""The last step of a run: metrics on the test data, and the report."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageOps

from headrace.columns import from_arrow
from headrace.images import decode_image
from headrace.recipes.run import Run
from headrace.report import Samples, write_report
from headrace.training import FitResult, Predictions, evaluate, predict

__all__ = ["write_run_report"]

SAMPLE_COUNT = 40
LARGEST_SAMPLE = 96  # pixels of a side


def write_run_report(run: Run, result: FitResult) -> None:
    """Write `metrics.json` and `report.html` into the folder of a run."""
    recipe, options = run.recipe, run.options
    model, test = run.load_model(), run.open_transformed("test")
    metrics = evaluate(
        model,
        test,
        label=recipe.label,
        label_scale=run.training.label_scale,
        head=result.head,
        metrics=run.training.metrics,
        sample_weight=run.training.sample_weight,
    )
    run.write_json("metrics.json", metrics)
    predictions = predict(model, test, label=recipe.label, sample_weight=run.training.sample_weight)
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
    rows = run.open_raw("test").take(SAMPLE_COUNT)
    if column in run.load_serving_transform().graph.encodings:
        images = _draw_thumbnails([file.as_py() for batch in rows for file in batch[column]])
    else:
        images = np.concatenate([from_arrow(batch[column]) for batch in rows])
    return Samples(images, predictions.labels[:SAMPLE_COUNT], predictions.classes[:SAMPLE_COUNT])


def _draw_thumbnails(files: list[bytes]) -> np.ndarray:
    """Draw image files of any sizes, white around them: uint8 [files, side, side, 3]."""
    images = [Image.fromarray(decode_image(file)) for file in files]
    side = min(max(max(image.size) for image in images), LARGEST_SAMPLE)
    return np.stack([np.asarray(ImageOps.pad(image, (side, side), color="white")) for image in images])
