"""`headrace init`: from a raw table to a recipe that runs as it is, down to a verified file."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.cli.commands import run_command, run_process

import headrace as hr
from headrace.recipes import find_recipe

RAW = 120


@pytest.fixture
def patients(tmp_path: Path) -> Path:
    """A table with the columns that real ones have: missing cells, dates, ids, a copy of the label."""
    random = np.random.default_rng(0)
    lines = ["id,age,sex,in.study,visited,death,outcome"]
    for number in range(RAW):
        age = random.integers(20, 90)
        death = int(age + random.normal(scale=15) > 60)
        cells = [f"P{number:04}x", age if number % 9 else "", "MF"[number % 2], bool(number % 3)]
        lines.append(
            ",".join(map(str, [*cells, f"{number % 28 + 1}/5/2020", death, ["alive", "dead"][death]]))
        )
    path = tmp_path / "patients.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def check_format(path: Path) -> None:
    for command in (["check"], ["format", "--check"]):
        words = [sys.executable, "-m", "ruff", *command, "--isolated", str(path)]
        done = subprocess.run(words, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_init_then_run_without_an_edit(patients: Path) -> None:
    folder = patients.parent
    found = run_process("init", "patients.csv", "--label", "death", cwd=folder, columns=200)
    assert found.code == 0, found.err
    assert "outcome: gives the answer away: each value stands for one value of death" in found.out
    assert "id: names the rows" in found.out
    assert "next: headrace run patients.py" in found.out
    check_format(folder / "patients.py")
    done = run_process("run", "patients.py", "--epochs", "1", cwd=folder)
    assert done.code == 0, done.err
    assert "no skew" in done.out
    predictor = hr.serving.load(folder / "runs/patients/model.onnx")
    row = {"age": None, "sex": "F", "in.study": True, "visited": "29/2/2020"}
    assert predictor.run([row])["label"][0] in ("0", "1")


def test_init_in_python_returns_what_was_found(patients: Path) -> None:
    out = patients.parent / "ours.py"
    draft = hr.recipes.init(patients, label="death", time_column="visited", out=out)
    assert draft.path == out
    assert {role.column.name for role in draft.findings.roles if role.use == "left out"} == {"id", "outcome"}
    assert 'by="visited"' in out.read_text()
    assert find_recipe(str(out)).label == "death"


def test_an_existing_file_is_kept_unless_forced(patients: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(patients.parent)
    Path("patients.py").write_text("mine")
    refused = run_command("init", "patients.csv", "--label", "death")
    assert refused.code == 2
    assert "patients.py: the file exists already" in refused.err
    assert Path("patients.py").read_text() == "mine"
    assert run_command("init", "patients.csv", "--label", "death", "--force").code == 0


def test_an_unknown_label_is_one_line_with_a_suggestion(patients: Path) -> None:
    refused = run_command("init", str(patients), "--label", "deth", "--out", patients.parent / "x.py")
    assert refused.code == 2
    assert "did you mean 'death'?" in refused.err
