"""The exercises: page and notebook are those of the script, which runs on a slice, shorter than its peer."""

import json
import runpy
from pathlib import Path

import pytest
from bench.exercises.cells import count_code_lines, read_cells
from bench.exercises.run_script import run

import headrace as hr

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "docs" / "exercises"
TOOL = runpy.run_path(str(ROOT / "tools" / "write_notebooks.py"))
NO_PART = ("Profile", "Verify", "The same by the catalogue")  # which the peer does not have


def test_pages_and_notebooks_are_those_of_the_scripts() -> None:
    for path, text in TOOL["list_files"]().items():
        assert path.read_text(encoding="utf-8") == text, f"run tools/write_notebooks.py: {path.name}"


def test_a_notebook_has_the_code_of_its_script() -> None:
    notebook = json.loads((SCRIPTS / "fashion_mnist.ipynb").read_text(encoding="utf-8"))
    code = ["".join(each["source"]) for each in notebook["cells"] if each["cell_type"] == "code"]
    assert code == [each.source for each in read_cells(SCRIPTS / "fashion_mnist.py") if not each.is_text]
    for each in code:
        compile(each, "notebook", "exec")


@pytest.mark.parametrize(("name", "most"), [("fashion_mnist", 72), ("film_reviews", 35)])
def test_a_solution_is_shorter_than_that_of_its_peer(name: str, most: int) -> None:
    ours = [each for each in read_cells(SCRIPTS / f"{name}.py") if each.title not in NO_PART]
    theirs = read_cells(ROOT / "bench" / "exercises" / "tensorflow" / f"{name}.py")
    assert count_code_lines(ours) < count_code_lines(theirs)
    assert count_code_lines(ours) < most


def test_fashion_mnist_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    settings = {"TRAIN_ROWS": "4_000", "EPOCHS": "9"}  # 63 steps an epoch
    assert run(SCRIPTS / "fashion_mnist.py", settings)["accuracy"] > 0.6
    output = capfd.readouterr().out
    assert "steps 504 to 567: " in output  # the last epoch with steps from 500 to 599
    assert "RecordSource: train-00000-of-00010.tfrecord and 9 more" in output
    assert "no skew: model.onnx, 2,000 rows" in output
    assert hr.Dataset.from_records("train-*.tfrecord").num_rows == 4_000
    assert hr.Dataset.from_records("train-*.tfrecord").schema.names == ["image", "label"]


def test_film_reviews_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    for batch in hr.datasets.load("movie_reviews", "train"):
        for number, row in enumerate(batch.to_pylist()):
            path = tmp_path / "reviews" / row["label"] / f"{number}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(row["text"], encoding="utf-8")
    assert run(SCRIPTS / "film_reviews.py", {"WORDS": "500", "EPOCHS": "10"})["accuracy"] > 0.8
    output = capfd.readouterr().out
    assert "no skew: model.onnx" in output
    assert "480 160 160" in output
    assert hr.deploy.load("model.onnx").predict({"text": ["dreadful"]})["label"][0].as_py() in ("neg", "pos")
