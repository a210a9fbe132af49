"""The report is one page of cards, and its figures as JSON: nothing is empty, hostile or boundless."""

import json
import re
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from headrace.deploy import Difference, OutputCheck, Trial, Verdict
from headrace.errors import UsageError
from headrace.report import (
    Classes,
    ColumnImportance,
    Contents,
    Importance,
    Labels,
    Numbers,
    Part,
    Quantiles,
    write_report,
)
from headrace.training import FitResult

HOSTILE = ["<script>alert(1)</script>", "{{ 7 * 7 }}", "$\\frac{", "a\"b'c", "naïve 日本語 \u202e", "x" * 500]


def row(epoch: int, metric: str, value: float) -> dict[str, float]:
    scores = {
        f"{part}_{name}": v
        for part in ("train", "validation")
        for name, v in (("loss", 0.5), (metric, value))
    }
    return {"epoch": epoch, **scores, "learning_rate": 0.1, "seconds": 2.0, "examples_per_second": 512.0}


def result(metric: str = "accuracy", epochs: int = 3, task: str = "classification") -> FitResult:
    history = [row(epoch, metric, 0.5 + epoch / 1000) for epoch in range(1, epochs + 1)]
    best, here = history[-1], Path("weights.safetensors")
    return FitResult(task, history, epochs, best, epochs, 1_413_834, 75.0, 512.0, None, here, here)


def classes(names: Sequence[str], rows: int, seed: int = 0) -> Classes:
    random = np.random.default_rng(seed)
    labels = random.integers(0, len(names), rows)
    logits = random.normal(size=(rows, len(names)))
    logits[np.arange(rows), labels] += 2
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return Classes("", labels, shares.argmax(axis=1), shares, tuple(names))


def write(folder: Path, **contents: Any) -> tuple[str, dict[str, Any]]:
    """Write a report; return its page, and its figures."""
    settings = {"title": "Clothes & shoes", "result": result(), **contents}
    path = write_report(folder / "deep" / "report.html", Contents(**settings))
    return path.read_text(encoding="utf-8"), json.loads(path.with_suffix(".json").read_text())


def headings(page: str) -> list[str]:
    return [unescape(re.sub("<.*?>", "", each)).strip() for each in re.findall(r"<h2>(.*?)</h2>", page)]


def text_of(page: str) -> str:
    return unescape(re.sub(r"<[^>]*>", " ", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)))


def svgs(page: str) -> dict[str, str]:
    found = re.findall(r'<img src="data:image/svg\+xml;base64,([^"]+)" alt="([^"]+)"', page)
    return {unescape(alt): b64decode(data).decode() for data, alt in found}


FOUR = Classes(
    "",
    np.array([0, 1, 2, 1]),
    np.array([0, 1, 2, 2]),
    np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8], [0.1, 0.2, 0.7]]),
    ("shoe", "bag", "coat"),
)
PARTS = {
    "train": Part(4, {"": np.array([1, 1, 1, 0])}, ["/data/clothes.csv"], "c0ffee"),
    "test": Part(4, {"": FOUR.labels}),
}


def test_scores_stand_beside_the_majority_class(tmp_path: Path) -> None:
    page, figures = write(tmp_path, outcomes=[FOUR], parts=PARTS)
    scores = figures["scores"]
    assert scores["rows"] == 4
    assert scores["model"]["accuracy"] == 0.75
    assert scores["baseline"]["accuracy"] == 0.5
    assert scores["baseline_is"] == "always 'bag', the most frequent class of the training data"
    assert "75.00%" in page
    assert "baseline 50.00%" in page


def test_rows_and_balance_by_part(tmp_path: Path) -> None:
    page, figures = write(tmp_path, outcomes=[FOUR], parts=PARTS)
    assert figures["rows"]["rows"] == {"train": 4, "test": 4}
    assert figures["rows"]["classes"][0] == {"name": "bag", "rows": {"train": 3, "test": 2}}
    assert re.search(r"bag\s+3\s+75%\s+2\s+50%", text_of(page))


def test_metrics_by_class_and_confusion_in_counts_and_percent(tmp_path: Path) -> None:
    page, figures = write(tmp_path, outcomes=[FOUR])
    bag = figures["class_metrics"]["classes"][1]
    assert (bag["name"], bag["rows"], bag["precision"], bag["recall"]) == ("bag", 2, 1.0, 0.5)
    assert bag["f1"] == pytest.approx(2 / 3)
    assert figures["confusion"]["counts"] == [[1, 0, 0], [0, 1, 1], [0, 0, 1]]
    assert figures["confusion"]["shares"][1] == [0.0, 0.5, 0.5]
    assert figures["confusion"]["pairs"] == [{"true": "bag", "predicted": "coat", "rows": 1, "share": 0.5}]
    assert "1<small>50%</small>" in page


def test_curves_and_calibration_of_two_classes(tmp_path: Path) -> None:
    outcome = classes(["no", "yes"], 400)
    page, figures = write(tmp_path, outcomes=[outcome])
    (curve,) = figures["curves"]["classes"]
    assert curve["name"] == "yes"
    order = outcome.probabilities[:, 1]
    yes, no = order[outcome.labels == 1], order[outcome.labels == 0]
    assert curve["auc"] == pytest.approx((yes[:, None] > no).mean(), abs=1e-6)
    bins = figures["calibration"]["bins"]
    assert sum(each["rows"] for each in bins) == 400
    assert {"ROC", "precision over recall", "Share that is true over predicted probability"} <= svgs(
        page
    ).keys()


def test_numbers_have_residuals_and_the_mean_as_baseline(tmp_path: Path) -> None:
    labels = np.array([100_000.0, 202_000.0, 150_000.0])
    outcome = Numbers("", labels, np.array([100_000.0, 200_000.0, 150_000.0]), "$")
    parts = {"train": Part(3, {"": np.array([1.0, 2.0, 6.0])})}
    page, figures = write(tmp_path, result=result("rmse", task="regression"), outcomes=[outcome], parts=parts)
    assert figures["scores"]["model"]["rmse"] == pytest.approx(np.sqrt(4e6 / 3))
    assert figures["scores"]["baseline_is"] == "always 3, the mean of the training data"
    assert figures["rows"]["distribution"]["train"]["median"] == 2.0
    assert figures["residuals"]["absolute"]["the largest is"] == 2000
    assert {"Predicted against true", "Residuals"} <= svgs(page).keys()
    assert "1,155" in page


def test_several_labels_numbers_and_quantiles_have_their_cards(tmp_path: Path) -> None:
    """A model of several outputs: each card names its output, and no card is empty."""
    random = np.random.default_rng(0)
    shares = random.random((60, 3))
    several = Labels("genre", (shares > 0.6).astype(int), (shares > 0.5).astype(int), shares, ("a", "b", "c"))
    values = random.normal(size=60)
    number = Numbers("mass", values, values + 0.1)
    quantiles = Quantiles("price", values, np.stack([values - 1, values + 1], axis=1), (0.1, 0.9))
    labels = {"genre": several.labels, "mass": values, "price": values}
    page, figures = write(tmp_path, outcomes=[several, number, quantiles], parts={"train": Part(60, labels)})
    assert figures["class_metrics"]["genre"]["classes"][0]["recall"] == 1.0
    assert figures["scores"].keys() == {"genre", "mass", "price"}
    assert [each["share_below"] for each in figures["quantiles"]["price"]["levels"]] == [0.0, 1.0]
    assert "Metrics by label genre" in headings(page)
    for section in re.findall(r"<section>(.*?)</section>", page, re.DOTALL):
        assert re.search(r"<(table|p|img|dl)", section), section


def test_a_report_of_little_has_no_empty_card(tmp_path: Path) -> None:
    page, figures = write(tmp_path)
    assert headings(page) == ["Learning curves", "Environment"]
    assert figures.keys() == {"format", "title", "learning_curves", "environment"}
    assert "validation accuracy" in page
    assert "50.30%" in page


def test_the_hardest_examples_show_their_inputs(tmp_path: Path) -> None:
    texts = ["short", "b", "c", "word " * 400]
    rows = pa.table({"text": texts, "age": [1.5, None, 3.0, float("nan")]})
    page, figures = write(tmp_path, outcomes=[FOUR], read_rows=rows.take)
    first = figures["hardest"]["rows"][0]
    assert (first["row"], first["true"], first["predicted"], first["wrong"]) == (3, "bag", "coat", True)
    assert first["inputs"]["age"] == "NaN"
    assert len(first["inputs"]["text"]) < 310
    assert figures["hardest"]["texts"] == ["text"]
    assert "word word" in page


def test_the_hardest_examples_of_images_are_pictures(tmp_path: Path) -> None:
    pixels = np.zeros((4, 8, 8), np.uint8)
    column = pa.FixedShapeTensorArray.from_numpy_ndarray(pixels)
    rows = pa.table({"image": column})
    page, _ = write(tmp_path, outcomes=[FOUR], read_rows=rows.take, image="image")
    assert len(re.findall(r'src="data:image/png;base64', page)) == 4
    assert "is bag" in text_of(page)
    broken = pa.table({"image": [b"no image"] * 4, "name": list("abcd")})
    page, _ = write(tmp_path, outcomes=[FOUR], read_rows=broken.take, image="image")
    assert "data:image/png" not in page
    assert "Hardest examples" in headings(page)


def test_importance_settings_data_and_files(tmp_path: Path) -> None:
    found = Importance(
        [ColumnImportance("age", 0.5, 0.1), ColumnImportance("<b>", -0.1, 0.0)], 100, 3, 0, 0.7
    )
    page, figures = write(
        tmp_path,
        outcomes=[FOUR],
        parts=PARTS,
        importance=found,
        settings={"epochs": 3, "augment": None, "metrics": ("auc",)},
        command="headrace run clothes.py --seed 0",
        steps={"a<b": 75.0},
        artefacts={"model": "model.onnx"},
    )
    assert figures["importance"]["columns"][0] == {"column": "age", "increase": 0.5, "deviation": 0.1}
    assert "100 test rows, 3 times, seed 0" in page
    assert figures["settings"]["command"] == "headrace run clothes.py --seed 0"
    assert figures["settings"]["settings"] == {"epochs": 3, "augment": None, "metrics": ["auc"]}
    assert figures["data"]["parts"]["train"] == {
        "paths": ["/data/clothes.csv"],
        "more": 0,
        "fingerprint": "c0ffee",
    }
    assert "1:15 min" in page
    page, figures = write(tmp_path, importance="not measured: 500 columns, more than 200")
    assert figures["importance"] == {"note": "not measured: 500 columns, more than 200"}
    assert "Not measured: 500 columns, more than 200." in page


def test_hostile_names_are_escaped_and_readable(tmp_path: Path) -> None:
    """Markup, templates, formulas of TeX, quotes, other scripts and very long names."""
    outcome = classes(HOSTILE, 200)
    rows = pa.table({name: [name] * 200 for name in HOSTILE})
    parts = {name: Part(200, {"": outcome.labels}, [f"/data/{name}"]) for name in HOSTILE[:2]}
    importance = Importance([ColumnImportance(name, 1.0, 0.0) for name in HOSTILE], 9, 1, 0, 0.0)
    page, figures = write(
        tmp_path, title=HOSTILE[0], subtitle=HOSTILE[0], outcomes=[outcome], parts=parts,
        read_rows=rows.take, importance=importance, command=HOSTILE[0],
        settings={HOSTILE[0]: HOSTILE[0]}, steps={HOSTILE[0]: 1.0}, artefacts={HOSTILE[0]: HOSTILE[0]},
    )  # fmt: skip
    assert "<script" not in page
    assert not re.search(r"""(src|href)=["'](?!data:)""", page)
    assert "{{ 7 * 7 }}" in text_of(page)
    assert "naïve 日本語" in text_of(page)
    assert [each["name"] for each in figures["class_metrics"]["classes"]] == HOSTILE
    number = replace(Numbers("", np.arange(3.0), np.arange(3.0)), unit="$\\frac{ <script>")
    page, _ = write(tmp_path, outcomes=[number])
    assert "<script" not in "".join(svgs(page).values())


def test_the_size_does_not_grow_with_rows_classes_and_columns(tmp_path: Path) -> None:
    """1,000 classes, 500 columns and 20,000 rows: lists are cut, and the page says so."""
    names = [f"class {n}" for n in range(1000)]
    outcome = classes(names, 20_000)
    rows = pa.table({f"a long column name {n}": np.arange(20_000.0) for n in range(500)})
    found = Importance([ColumnImportance(name, 1.0, 0.1) for name in rows.column_names], 9, 1, 0, 0.0)
    parts = {"train": Part(20_000, {"": outcome.labels}), "test": Part(20_000, {"": outcome.labels})}
    page, _ = write(tmp_path, outcomes=[outcome], parts=parts, read_rows=rows.take, importance=found)
    assert len(page) < 500_000
    text = text_of(page)
    assert "The 20 largest of 1,000 classes" in text
    assert "The most frequent confusions of 1,000 classes" in text
    assert "The 25 of 1,000 with the lowest F1" in text
    assert "the 8 largest of 1,000" in text
    assert "490 more columns are not shown" in text
    assert "the 20 most important of 500 columns" in text


def test_a_heat_map_shows_the_confusion_of_some_dozens_of_classes(tmp_path: Path) -> None:
    page, figures = write(tmp_path, outcomes=[classes([str(n) for n in range(40)], 500)])
    assert "Shares of predicted classes by true class" in svgs(page)
    assert "shares" not in figures["confusion"]


@pytest.mark.parametrize(
    ("mismatches", "verdict", "tile"), [(0, "They agree", "verified"), (3, "They differ", "skew found")]
)
def test_the_verdict_on_skew(tmp_path: Path, mismatches: int, verdict: str, tile: str) -> None:
    checks = [
        OutputCheck("label", 2000, 0.0, mismatches, 0.0),
        OutputCheck("probabilities", 20_000, 2.4e-7, 0, 1e-5),
    ]
    trials = [Trial("CSV", "1 row", "equal"), Trial("JSON", "1 row", "refused", "'age' is <missing>")]
    differs = Difference("Arrow, 256 rows", 17, {"age": "NaN"}, "label", "'cat'", "'dog'")
    found = Verdict("model.onnx", 2000, checks, trials, [differs] * bool(mismatches))
    page, figures = write(tmp_path, verdict=found)
    assert verdict in page
    assert "Fed as CSV; in batches of 1 row." in page
    assert "JSON: refused (&#39;age&#39; is &lt;missing&gt;)" in page
    assert ("row 17 (Arrow, 256 rows)" in page) == bool(mismatches)
    assert tile in page
    assert figures["verification"]["passed"] is not bool(mismatches)
    assert "2.4e-07" in page


def test_a_long_training_shows_its_first_last_and_best_epochs(tmp_path: Path) -> None:
    page, figures = write(tmp_path, result=replace(result(epochs=40), best_epoch=20))
    epochs = re.findall(r"<td>(\d+)(?: \(best\))?</td>", page)
    assert epochs == ["1", "2", "20", "36", "37", "38", "39", "40"]
    assert len(figures["learning_curves"]["history"]) == 40


def test_numbers_that_json_does_not_have_are_null(tmp_path: Path) -> None:
    history = [{**row(1, "accuracy", 0.5), "validation_loss": float("nan"), "train_loss": float("inf")}]
    _, figures = write(tmp_path, result=replace(result(), history=history, best=history[0]))
    assert figures["learning_curves"]["history"][0]["validation_loss"] is None


def test_pictures_follow_the_colours_of_the_reader_s_system(tmp_path: Path) -> None:
    page, _ = write(tmp_path)
    (curve, *_) = svgs(page).values()
    assert "prefers-color-scheme:dark" in curve
    assert "prefers-color-scheme: dark" in page


def test_outcomes_without_rows_or_of_one_name_are_errors(tmp_path: Path) -> None:
    empty = Numbers("", np.zeros(0), np.zeros(0))
    with pytest.raises(UsageError, match="no rows"):
        write(tmp_path, outcomes=[empty])
    with pytest.raises(UsageError, match="two outcomes have the name ''"):
        write(tmp_path, outcomes=[FOUR, FOUR])
