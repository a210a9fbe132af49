"""The report is one page: plots, metrics, the verdict on skew."""

import re
from base64 import b64decode
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from headrace.deploy import Difference, OutputCheck, Trial, Verdict
from headrace.errors import UsageError
from headrace.report import Samples, write_report
from headrace.training import FitResult, Predictions


def row(epoch: int, metric: str, value: float) -> dict[str, float]:
    scores = {
        f"{part}_{name}": v
        for part in ("train", "validation")
        for name, v in (("loss", 0.5), (metric, value))
    }
    return {"epoch": epoch, **scores, "learning_rate": 0.1, "seconds": 2.0, "examples_per_second": 512.0}


def result(task: str, epochs: int = 3) -> FitResult:
    metric = "accuracy" if task == "classification" else "rmse"
    history = [row(epoch, metric, 0.5 + epoch / 1000) for epoch in range(1, epochs + 1)]
    best, here = history[-1], Path("weights.safetensors")
    return FitResult(task, history, epochs, best, epochs, 1_413_834, 75.0, 512.0, None, here, here)


def page(tmp_path: Path, task: str = "classification", **more: Any) -> str:
    settings = {"title": "Clothes & shoes", "result": result(task), **more}
    return write_report(tmp_path / "deep" / "report.html", **settings).read_text(encoding="utf-8")


def pictures(html: str) -> dict[str, Image.Image]:
    found = re.findall(r'<img src="data:image/png;base64,([^"]+)" alt="([^"]+)"', html)
    return {alt: Image.open(BytesIO(b64decode(png))) for png, alt in found}


LOGITS = np.eye(3, dtype=np.float32)[[0, 1, 2, 2]]
PREDICTIONS = Predictions(LOGITS, np.array([0, 1, 2, 1]))


def test_a_classifier_has_curves_a_confusion_matrix_and_samples(tmp_path: Path) -> None:
    samples = Samples(np.zeros((4, 8, 8), np.uint8), np.array([0, 1, 2, 1]), np.array([0, 1, 2, 2]))
    html = page(tmp_path, predictions=PREDICTIONS, samples=samples, class_names=["shoe", "bag", "coat"])
    assert list(pictures(html)) == [
        "Loss and accuracy over epochs",
        "Confusion matrix on test data",
        "Sample images with predictions",
    ]
    assert all(min(picture.size) > 200 for picture in pictures(html).values())
    assert "75.00%" in html
    assert "test accuracy" in html
    assert "1,413,834" in html


def test_a_regression_has_a_plot_of_predicted_against_true_values(tmp_path: Path) -> None:
    predictions = Predictions(np.array([[100_000.0], [200_000.0]]), np.array([100_000.0, 202_000.0]))
    html = page(tmp_path, "regression", predictions=predictions, unit="$")
    assert "Predicted against true on test data" in pictures(html)
    assert "test RMSE, $" in html
    assert "1,414" in html


def test_without_predictions_the_validation_metric_is_shown(tmp_path: Path) -> None:
    html = page(tmp_path)
    assert "validation accuracy" in html
    assert "50.30%" in html


def test_the_page_embeds_everything_and_escapes_text(tmp_path: Path) -> None:
    html = page(tmp_path, subtitle="<script>", steps={"a<b": 75.0}, artefacts={"model": Path("model.onnx")})
    assert not re.search(r"""(src|href)=["'](?!data:)""", html)
    assert "<script" not in html
    assert "Clothes &amp; shoes" in html
    assert "a&lt;b" in html
    assert "1:15 min" in html
    assert "model.onnx" in html


@pytest.mark.parametrize(
    ("mismatches", "verdict", "tile"), [(0, "they agree", "verified"), (3, "they differ", "skew found")]
)
def test_the_verdict_on_skew(tmp_path: Path, mismatches: int, verdict: str, tile: str) -> None:
    checks = [
        OutputCheck("label", 2000, 0.0, mismatches, 0.0),
        OutputCheck("probabilities", 20_000, 2.4e-7, 0, 1e-5),
    ]
    trials = [Trial("CSV", "1 row", "equal"), Trial("JSON", "1 row", "refused", "'age' is <missing>")]
    row = Difference("Arrow, 256 rows", 17, {"age": "NaN"}, "label", "'cat'", "'dog'")
    found = Verdict("model.onnx", 2000, checks, trials, [row] * bool(mismatches))
    html = page(tmp_path, verdict=found)
    assert verdict in html
    assert "Fed as CSV; in batches of 1 row." in html
    assert "JSON: refused (&#39;age&#39; is &lt;missing&gt;)" in html
    assert ("row 17 (Arrow, 256 rows)" in html) == bool(mismatches)
    assert tile in html
    assert "20,000" in html
    assert "2.4e-07" in html


def test_a_long_training_shows_its_first_last_and_best_epochs(tmp_path: Path) -> None:
    html = page(tmp_path, result=replace(result("classification", 40), best_epoch=20))
    epochs = re.findall(r"<td>(\d+)(?: \(best\))?</td>", html)
    assert epochs == ["1", "2", "20", "36", "37", "38", "39", "40"]


def test_missing_class_names_and_labels_are_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected 3 class names, got 2"):
        page(tmp_path, predictions=PREDICTIONS, class_names=["shoe", "bag"])
    with pytest.raises(UsageError, match="predictions have no labels"):
        page(tmp_path, predictions=replace(PREDICTIONS, labels=None))
