"""A failed step is mended by running again; runs are refused where results of two settings would mix."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from headrace.deploy import Verdict
from headrace.errors import HeadraceError, UsageError
from headrace.recipes import steps
from headrace.recipes.run import Run, RunOptions, reopen
from headrace.recipes.steps import execute


@pytest.fixture
def own(finished: Path) -> Iterator[tuple[Path, Path]]:
    """The recipe of a finished run, restored after the test, and a copy of the run's folder."""
    recipe = Path(json.loads((finished / "run.json").read_text())["options"]["recipe"])
    text = recipe.read_text()
    yield recipe, finished
    recipe.write_text(text)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs end after the training."""
    first = {name: steps.STEPS[name] for name in ("records", "analyze", "train")}
    monkeypatch.setattr(steps, "STEPS", first)


def edit(recipe: Path, *changes: tuple[str, str]) -> None:
    text = recipe.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    recipe.write_text(text)


def run_again(folder: Path, **changes: object) -> list[str]:
    """Run the recipe of a folder again; return the steps that were done again."""
    stored = json.loads((folder / "run.json").read_text())["options"]
    run = Run(RunOptions.from_json({**stored, **changes}), folder)
    return done_by(run)


def done_by(run: Run) -> list[str]:
    done: list[str] = []
    do_step = run.journal.do_step

    def note(name: str, work: Callable[[], object]) -> None:
        do_step(name, lambda: (done.append(name), work())[1])

    run.journal.do_step = note  # type: ignore[method-assign]
    execute(run)
    return done


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(
    ("broken", "kept"),
    [
        (("nn.Linear(3, 2)", "nn.Linear(4, 2)"), ["records", "analyze"]),
        (("return Network(", "return Network(None, "), ["records", "analyze"]),
        (('inputs["colour"]', 'inputs["color"]'), []),
        (("rows.skip(40)", "rows.skop(40)"), []),
    ],
)
def test_a_step_that_failed_is_mended_by_running_again(
    pipeline: Path, broken: tuple[str, str], kept: list[str]
) -> None:
    """An edited recipe goes on where it failed, without --fresh."""
    folder = pipeline.with_name("run")
    edit(pipeline, broken)
    with pytest.raises(HeadraceError):
        execute(Run(RunOptions(str(pipeline)), folder))
    edit(pipeline, (broken[1], broken[0]))
    assert run_again(folder) == [name for name in steps.STEPS if name not in kept]


def test_a_changed_comment_docstring_or_layout_changes_nothing(own: tuple[Path, Path]) -> None:
    recipe, folder = own
    edit(
        recipe,
        ("from pathlib", "# edited\nfrom pathlib"),
        ("def load(_data_dir):", "def load(_data_dir):\n    '''Load.'''"),
    )
    with pytest.raises(UsageError, match=r"the recipe has changed since.*run it again"):
        reopen(folder)
    assert run_again(folder) == []
    assert reopen(folder).read_verdict().passed


def test_names_of_classes_are_exported_again_without_training(
    own: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    recipe, folder = own
    edit(recipe, ('("no", "yes")', '("stays", "buys")'))
    assert run_again(folder) == ["export", "verify", "report"]
    assert "`head` has changed: the steps that depend on it are done again" in capsys.readouterr().err
    assert b"stays" in (folder / "model.onnx").read_bytes()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": 1}, r"seed: 0 -> 1"),
        ({"learning_rate": 0.5}, r"learning_rate: 0.001 -> 0.5"),
        ({"epochs": 1, "batch_size": 8}, r"epochs: 2 -> 1, batch_size: 32 -> 8"),
    ],
)
def test_other_options_of_a_trained_network_are_refused_old_to_new(
    finished: Path, change: dict, message: str
) -> None:
    with pytest.raises(UsageError, match=f"trained with other settings: {message};.*--fresh") as caught:
        run_again(finished, **change)
    assert caught.value.path == str(finished)
    assert (finished / "model.onnx").exists()
    assert run_again(finished) == []


def test_more_epochs_go_on_after_the_end(finished: Path) -> None:
    assert run_again(finished, epochs=3) == ["train", "export", "verify", "report"]
    history = json.loads((finished / "report.json").read_text())["learning_curves"]["history"]
    assert [each["epoch"] for each in history] == [1, 2, 3]
    with pytest.raises(UsageError, match="epochs"):
        run_again(finished, epochs=1)
    assert reopen(finished).training.epochs == 3


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("rows.skip(40)", "rows.skip(41)", "load"),
        ("nn.Embedding(colours, 2)", "nn.Embedding(colours, 2, padding_idx=0)", "build_model"),
        ("num_oov_buckets=1", "num_oov_buckets=2", "preprocess"),
        (
            "epochs=2",
            "epochs=2, initialise=lambda network, _train: network.last.reset_parameters()",
            "initialise",
        ),
    ],
)
def test_changed_code_of_a_trained_network_is_refused_by_its_name(
    own: tuple[Path, Path], old: str, new: str, name: str
) -> None:
    recipe, folder = own
    edit(recipe, (old, new))
    with pytest.raises(UsageError, match=f"trained with other settings: `{name}` has changed.*--fresh"):
        run_again(folder)
    edit(recipe, (new, old))
    assert run_again(folder) == []


def test_an_interrupted_training_is_not_continued_with_other_settings(finished: Path) -> None:
    journal = json.loads((finished / "run.json").read_text())
    kept = {step: journal["steps"][step] for step in ("records", "analyze")}
    begun = {step: journal["inputs"][step] for step in ("records", "analyze", "train")}
    (finished / "run.json").write_text(json.dumps({**journal, "steps": kept, "inputs": begun}))
    with pytest.raises(UsageError, match=r"batch_size: 32 -> 8.*--fresh"):
        run_again(finished, batch_size=8)
    run = Run(RunOptions.from_json(journal["options"]), finished)
    assert list(run.journal.seconds) == ["records", "analyze"]


@pytest.mark.usefixtures("short")
def test_settings_of_steps_that_are_not_done_may_change(pipeline: Path) -> None:
    """The training failed before its first checkpoint: nothing would mix."""
    folder = pipeline.with_name("run")
    edit(pipeline, ("nn.Linear(3, 2)", "nn.Linear(4, 2)"))
    with pytest.raises(HeadraceError):
        execute(Run(RunOptions(str(pipeline)), folder))
    edit(pipeline, ("nn.Linear(4, 2)", "nn.Linear(3, 2)"))
    assert run_again(folder, epochs=1, learning_rate=0.01) == ["train"]
    assert json.loads((folder / "run.json").read_text())["options"]["epochs"] == 1


def test_a_model_that_failed_verification_is_verified_again(
    finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = json.loads((finished / "run.json").read_text())
    kept = {step: journal["steps"][step] for step in ("records", "analyze", "train", "export")}
    (finished / "run.json").write_text(json.dumps({**journal, "steps": kept}))
    monkeypatch.setattr(Verdict, "passed", False)
    assert run_again(finished) == ["verify", "report"]
    assert "verify" not in json.loads((finished / "run.json").read_text())["steps"]
    monkeypatch.undo()
    assert run_again(finished) == ["verify", "report"]
    assert run_again(finished) == []


def test_a_run_of_a_journal_without_inputs(own: tuple[Path, Path]) -> None:
    """The first journals named neither the settings of each step nor the code."""
    recipe, folder = own
    journal = json.loads((folder / "run.json").read_text())
    journal.pop("inputs")
    (folder / "run.json").write_text(json.dumps(journal))
    edit(recipe, ('("no", "yes")', '("stays", "buys")'))
    with pytest.raises(UsageError, match=r"the recipe has changed; pass --fresh"):
        run_again(folder)
    edit(recipe, ('("stays", "buys")', '("no", "yes")'))
    assert run_again(folder) == []


def test_options_that_an_earlier_version_did_not_have_are_their_defaults(finished: Path) -> None:
    journal = json.loads((finished / "run.json").read_text())
    for name in ("schedule", "metrics", "calibrate"):
        del journal["inputs"]["train"][name]
    (finished / "run.json").write_text(json.dumps(journal))
    assert run_again(finished) == []
    with pytest.raises(UsageError, match=r"with other settings: schedule: .* -> cosine;"):
        run_again(finished, schedule="cosine")
