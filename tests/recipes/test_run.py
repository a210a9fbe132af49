"""A user's recipe runs from a CSV file to a verified model, and resumes when it is run again."""

import json
from pathlib import Path

import pyarrow as pa
import pytest

import headrace as hr
from headrace.errors import ModelError, SchemaError, UsageError
from headrace.recipes.find import digest_recipe
from headrace.recipes.run import Run, RunOptions, reopen
from headrace.recipes.steps import execute, verify_model, write_records


def options_of(folder: Path, **changes: object) -> RunOptions:
    stored = json.loads((folder / "run.json").read_text())["options"]
    return RunOptions.from_json({**stored, **changes})


def test_a_run_writes_all_its_files(executed: Path) -> None:
    made = {str(each.relative_to(executed)) for each in executed.rglob("*")}
    assert made >= {
        "records/train-00003-of-00004.tfrecord",
        "records/validation-00000-of-00001.tfrecord",
        "records/test-00000-of-00001.tfrecord",
        "transform",
        "training/best.safetensors",
        "model.onnx",
        "metrics.json",
        "verdict.json",
        "report.html",
        "run.json",
    }
    assert not [each for each in made if "partial" in each]
    metrics = json.loads((executed / "metrics.json").read_text())
    assert 0 <= metrics["accuracy"] <= 1


def test_every_row_is_in_one_part(executed: Path) -> None:
    rows = {
        part: hr.Dataset.from_records(str(executed / "records" / f"{part}-*")).num_rows
        for part in ("train", "validation", "test")
    }
    assert rows == {"train": 144, "validation": 16, "test": 40}


def test_the_model_predicts_rows_with_missing_values_and_unknown_categories(executed: Path) -> None:
    predictor = hr.deploy.load(executed / "model.onnx")
    assert predictor.inputs == {"age": "float32", "colour": "string"}
    answers = predictor.predict({"age": [33.0, None], "colour": ["red", "never seen"]}).to_pylist()
    for row in answers:
        assert row["label"] in ("no", "yes")
        assert sum(row["probabilities"]) == pytest.approx(1)


def test_the_test_rows_show_no_skew(finished: Path) -> None:
    verdict = verify_model(reopen(finished))
    assert verdict.passed
    assert verdict.rows == 40
    assert reopen(finished).read_verdict() == verdict


def test_a_finished_run_is_not_repeated(finished: Path) -> None:
    def times() -> dict[str, int]:
        files = (each for each in finished.rglob("*") if each.is_file() and each.name != "run.json")
        return {str(each): each.stat().st_mtime_ns for each in files}

    before, journal = times(), (finished / "run.json").read_text()
    execute(Run(options_of(finished), finished))
    assert times() == before
    assert (finished / "run.json").read_text() == journal


def test_an_interrupted_run_does_only_the_missing_steps(finished: Path) -> None:
    """Killed after the export: verify and report remain."""
    journal = json.loads((finished / "run.json").read_text())
    kept = {step: journal["steps"][step] for step in ("records", "analyze", "train", "export")}
    (finished / "run.json").write_text(json.dumps({**journal, "steps": kept}))
    model, metrics = (finished / "model.onnx").stat(), (finished / "metrics.json").read_text()
    for name in ("verdict.json", "report.html", "metrics.json"):
        (finished / name).unlink()
    run = Run(options_of(finished), finished)
    execute(run)
    assert run.read_verdict().passed
    assert (finished / "model.onnx").stat().st_mtime_ns == model.st_mtime_ns
    assert (finished / "metrics.json").read_text() == metrics
    assert list(run.journal.seconds) == list(journal["steps"])


@pytest.mark.parametrize("where", ["recipe", "module beside it"])
def test_verify_run_compares_the_digest_before_it_runs_any_of_the_recipe(
    pipeline: Path, finished: Path, where: str
) -> None:
    """`headrace verify` of a run whose recipe was edited executes none of it."""
    journal = json.loads((finished / "run.json").read_text())
    folder = finished.parent
    beside = f"from pathlib import Path\nPath({str(folder)!r}, 'executed').touch()\n"
    if where == "recipe":
        pipeline.write_text(beside + pipeline.read_text())
    else:
        pipeline.write_text("import beside_20b\n" + pipeline.read_text())
        (folder / "beside_20b.py").write_text("")
        journal["source"] = digest_recipe(str(pipeline))
        (folder / "beside_20b.py").write_text(beside)
    journal["options"]["recipe"] = str(pipeline)
    (finished / "run.json").write_text(json.dumps(journal))
    with pytest.raises(UsageError, match="the recipe has changed since the run was started"):
        reopen(finished)
    assert not (folder / "executed").exists()


def test_fresh_starts_over_and_leaves_other_files(finished: Path) -> None:
    (finished / "notes.txt").write_text("what I saw")
    run = Run(options_of(finished, epochs=1), finished, fresh=True)
    assert run.training.epochs == 1
    assert sorted(each.name for each in finished.iterdir()) == ["notes.txt", "run.json"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("rows = hr.Dataset", "1 / 0; rows = hr.Dataset", r"ZeroDivisionError: division by zero"),
        ('t.scale_to_z_score(age), "colour"', 'int("x"), "colour"', r"ValueError: .*'x'"),
        ("return Network(", "return Network(None, ", r"TypeError: .*positional"),
        ("nn.Linear(3, 2)", "nn.Linear(4, 2)", r"the model fails on .*age float32\[8\].*3 and 4"),
    ],
)
def test_errors_in_the_code_of_a_recipe_name_the_line(
    pipeline: Path, old: str, new: str, message: str
) -> None:
    text = pipeline.read_text()
    assert old in text
    pipeline.write_text(text.replace(old, new))
    with pytest.raises((UsageError, ModelError), match=message) as caught:
        execute(Run(RunOptions(str(pipeline)), pipeline.with_name("run")))
    if isinstance(caught.value, UsageError):
        lines = pipeline.read_text().splitlines()
        assert caught.value.path == str(pipeline)
        assert caught.value.line is not None
        assert new in lines[caught.value.line - 1]


@pytest.mark.parametrize("fresh", [False, True])
def test_a_folder_of_other_files_is_refused(pipeline: Path, tmp_path: Path, fresh: bool) -> None:
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "chapter.tex").write_text("years of work")
    with pytest.raises(UsageError, match="files that are not of a run"):
        Run(RunOptions(str(pipeline)), folder, fresh=fresh)
    assert [each.name for each in folder.iterdir()] == ["chapter.tex"]


def test_an_empty_folder_is_accepted(pipeline: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    Run(RunOptions(str(pipeline)), tmp_path / "new")
    assert (tmp_path / "new" / "run.json").exists()


def test_an_unknown_model_of_the_recipe(pipeline: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no model 'vgg'.*a single network"):
        Run(RunOptions(str(pipeline), model="vgg"), tmp_path / "run")
    assert not (tmp_path / "run").exists()
    with pytest.raises(UsageError, match="choose among fashion_cnn, lenet5"):
        Run(RunOptions("fashion_mnist", model="vgg"), tmp_path / "run")


def test_a_model_has_training_options_of_its_own(tmp_path: Path) -> None:
    small = {"epochs": 3, "learning_rate": 0.25}
    recipe = tmp_path / "recipe.py"
    recipe.write_text(
        "import headrace as hr\n"
        "recipe = hr.Recipe(load=None, preprocess=None, build_model=None, label='y', head=None, epochs=9,\n"
        f"    full={{'epochs': 7, 'batch_size': 8}}, models={{'large': {{}}, 'small': {small}}})\n"
    )
    chosen: list[tuple[int, int, float]] = []
    for model, data_dir, user in (
        (None, None, {}),
        ("large", str(tmp_path), {}),
        ("small", str(tmp_path), {}),
        ("small", None, {"epochs": 2}),
    ):
        options = RunOptions(str(recipe), data_dir, model=model, training=user)
        training = Run(options, tmp_path / f"run{len(chosen)}").training
        chosen.append((training.epochs, training.batch_size, training.learning_rate))
    assert chosen == [(9, 64, 1e-3), (7, 8, 1e-3), (3, 8, 0.25), (2, 64, 0.25)]
    recipe.write_text(recipe.read_text().replace("'learning_rate'", "'learning_rat'"))
    with pytest.raises(UsageError, match="learning_rat"):
        Run(RunOptions(str(recipe)), tmp_path / "other")


def test_a_folder_without_a_run_cannot_be_reopened(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not hold a run"):
        reopen(tmp_path)
    (tmp_path / "run.json").write_text('{"options": ')
    with pytest.raises(UsageError, match="damaged") as caught:
        reopen(tmp_path)
    assert caught.value.path == str(tmp_path / "run.json")


def test_a_run_of_another_format_is_refused(finished: Path) -> None:
    journal = json.loads((finished / "run.json").read_text())
    assert journal["format"] == "headrace run 1"
    (finished / "run.json").write_text(json.dumps({**journal, "format": "headrace run 2"}))
    with pytest.raises(UsageError, match="expected format 'headrace run 1', got 'headrace run 2'"):
        reopen(finished)


def test_a_damaged_model_file(finished: Path) -> None:
    (finished / "model.onnx").write_bytes((finished / "model.onnx").read_bytes()[:500])
    with pytest.raises(ModelError) as caught:
        verify_model(reopen(finished))
    assert caught.value.path == str(finished / "model.onnx")


def test_a_missing_column(pipeline: Path, tmp_path: Path) -> None:
    pipeline.write_text(pipeline.read_text().replace('inputs["colour"]', 'inputs["color"]'))
    with pytest.raises(SchemaError, match=r"color.*did you mean 'colour'") as caught:
        execute(Run(RunOptions(str(pipeline)), tmp_path / "run"))
    assert caught.value.path == str(pipeline)
    assert caught.value.line is not None
    assert 'inputs["color"]' in pipeline.read_text().splitlines()[caught.value.line - 1]


def test_the_recipe_s_own_validation_data_is_used(pipeline: Path, tmp_path: Path) -> None:
    own = "train=rows.skip(90), test=rows.take(40), validation=rows.skip(40).take(50)"
    text = pipeline.read_text().replace("train=rows.skip(40), test=rows.take(40)", own)
    pipeline.write_text(text)
    run = Run(RunOptions(str(pipeline)), tmp_path / "run")
    write_records(run)
    (found,) = run.open_raw("validation").batch(50)
    (expected,) = hr.Dataset.from_csv(pipeline.with_name("people.csv")).skip(40).take(50).batch(50)
    for name in ("colour", "buys"):
        assert found[name].to_pylist() == expected[name].to_pylist()
    assert found["age"].equals(expected["age"].cast(pa.float32()))  # an Example stores float32


def test_a_recipe_augments_its_training_images(image_run: Path) -> None:
    settings = json.loads((image_run / "training/history.json").read_text())["settings"]
    assert settings["augment"].startswith(
        "Augmentation(steps=(Flip(horizontal=0.5, vertical=0.0, alternate=False), Cutout(size=2"
    )
