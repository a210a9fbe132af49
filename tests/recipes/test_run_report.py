"""The report of a run shows what the run did: its data, its figures and its command."""

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import headrace as hr
from headrace.cli import main
from headrace.recipes.run import reopen
from headrace.recipes.run_report import write_run_report
from headrace.recipes.steps import export_model, train_model, verify_model


@pytest.fixture(scope="module")
def figures(executed: Path) -> dict[str, Any]:
    return json.loads((executed / "report.json").read_text())


def test_figures_are_those_of_the_exported_file(executed: Path, figures: dict[str, Any]) -> None:
    """Counted again from the answers of model.onnx over the test rows."""
    rows = hr.Dataset.from_csv(executed.with_name("people.csv")).take(40).head(40)
    answers = hr.serving.load(executed / "model.onnx").predict(rows.drop(["buys"]))
    true = np.where(rows["buys"].to_numpy() == 1, "yes", "no")
    said = np.array(answers["label"].to_pylist())
    counts = [[int(((true == a) & (said == b)).sum()) for b in ("no", "yes")] for a in ("no", "yes")]
    assert figures["confusion"]["counts"] == counts
    assert figures["scores"]["model"]["accuracy"] == pytest.approx((true == said).mean())
    yes = np.array([each[1] for each in answers["probabilities"].to_pylist()])
    above = yes[true == "yes"][:, None] - yes[true == "no"]
    expected = (above > 0).mean() + (above == 0).mean() / 2
    assert figures["curves"]["classes"][0]["auc"] == pytest.approx(expected, abs=1e-5)


def test_rows_by_part_and_the_true_path_of_the_data(executed: Path, figures: dict[str, Any]) -> None:
    assert figures["rows"]["rows"] == {"train": 144, "validation": 16, "test": 40}
    total = {each["name"]: sum(each["rows"].values()) for each in figures["rows"]["classes"]}
    buys = hr.Dataset.from_csv(executed.with_name("people.csv")).to_pandas()["buys"]
    assert total == {"yes": int(buys.sum()), "no": int((1 - buys).sum())}
    for part in ("train", "validation", "test"):
        assert figures["data"]["parts"][part]["paths"] == [str(executed.with_name("people.csv"))]
        assert len(figures["data"]["parts"][part]["fingerprint"]) == 32


def test_the_hardest_examples_are_rows_of_the_file(executed: Path, figures: dict[str, Any]) -> None:
    rows = hr.Dataset.from_csv(executed.with_name("people.csv")).take(40).head(40).to_pylist()
    losses = [each["loss"] for each in figures["hardest"]["rows"]]
    assert losses == sorted(losses, reverse=True)
    for each in figures["hardest"]["rows"]:
        row = rows[each["row"]]
        assert each["inputs"]["colour"] == row["colour"]
        assert each["true"] == ("yes" if row["buys"] else "no")
        assert each["inputs"]["age"] == ("" if row["age"] is None else f"{row['age']:.6g}")


def test_the_importance_of_columns_is_measured(figures: dict[str, Any]) -> None:
    found = figures["importance"]
    assert {each["column"] for each in found["columns"]} == {"age", "colour"}
    assert (found["rows"], found["repeats"], found["seed"]) == (40, 3, 0)


def test_the_exact_command_finds_the_run_finished(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = reopen(finished)
    journal = (finished / "run.json").read_text()
    train_model(run)
    write_run_report(run, train_model(run))
    words = shlex.split(json.loads((finished / "report.json").read_text())["settings"]["command"])
    assert words[0] == "headrace"
    with pytest.raises(SystemExit) as ended:
        main(words[1:])
    assert ended.value.code in (0, None)
    assert (finished / "run.json").read_text() == journal
    assert str(finished / "report.html") in capsys.readouterr().out


def test_images_are_shown_as_pictures(image_run: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(image_run, tmp_path / "run"))
    run = reopen(folder)
    export_model(run)
    verify_model(run)
    write_run_report(run, train_model(run))
    page = (folder / "report.html").read_text()
    assert page.count("data:image/png;base64") == 8
    figures = json.loads((folder / "report.json").read_text())
    assert "importance" not in figures
    assert figures["hardest"]["columns"] == []
