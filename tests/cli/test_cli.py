"""The command line: exit codes, standard output and standard error.

Commands that need torch, whose import takes seconds, run in this process, except for one.
"""

import json
import re
from pathlib import Path

import pyarrow.csv
import pytest
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from headrace.storage import SEAL

from .commands import error_line, run_command, run_process


def test_help_lists_the_commands() -> None:
    result = run_process("--help")
    assert result.code == 0
    for command in ("run", "verify", "predict", "records", "datasets", "models"):
        assert re.search(rf"\b{command}\b", result.out)


def test_print_prints_a_recipe_that_compiles() -> None:
    result = run_command("run", "--print", "housing")
    assert result.code == 0
    compile(result.out, "housing.py", "exec")
    assert "recipe = hr.Recipe(" in result.out


def test_run_prints_its_results_and_verify_agrees(pipeline: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run_process("run", pipeline.name, "--epochs", 1, cwd=pipeline.parent)
    assert result.code == 0, result.err
    for word in ("test accuracy", "no skew", "40 test rows", "runs/my_pipeline/model.onnx"):
        assert word in result.out
    monkeypatch.chdir(pipeline.parent)
    verified = run_command("verify", "runs/my_pipeline/model.onnx")
    assert verified.code == 0, verified.err
    assert "no skew" in verified.out
    assert "fed as Arrow, dict, list of dicts, JSON, " in verified.out
    longer = run_command("run", pipeline.name, "--epochs", 2)  # a finished training continues
    assert longer.code == 0, longer.err
    assert "no skew" in longer.out
    line = error_line(run_command("run", pipeline.name, "--epochs", 2, "--learning-rate", 0.5))
    assert line.startswith("UsageError: runs/my_pipeline: ")
    assert "--fresh" in line


def test_skew_is_exit_code_1(finished: Path) -> None:
    """The weights were changed after the export."""
    weights = finished / "training" / "best.safetensors"
    with safe_open(weights, "pt") as file:
        metadata = {name: value for name, value in file.metadata().items() if name not in SEAL}
    save_file({name: each * 1.01 for name, each in load_file(weights).items()}, weights, metadata)
    result = run_command("verify", finished)
    assert result.code == 1, result.err
    assert "SKEW" in result.out
    assert "differs: the file was exported from another set of weights\n" in result.out
    assert re.search(r"differs: row \d+ \(Arrow, 40 rows\): \w+: expected .*, got .*; inputs ", result.out)
    assert run_command("verify", finished / "model.onnx").out == result.out


def test_a_missing_recipe(tmp_path: Path) -> None:
    line = error_line(run_command("run", tmp_path / "absent.py"))
    assert line.startswith(f"UsageError: unknown recipe '{tmp_path / 'absent.py'}'")


def test_a_missing_model_file(tmp_path: Path) -> None:
    absent = tmp_path / "absent.onnx"
    for line in (
        error_line(run_process("verify", absent)),
        error_line(run_command("predict", absent, "people.csv")),
    ):
        assert line.startswith(f"ModelError: {absent}: the file does not exist; check the path")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('inputs["age"]', 'inputs["agee"]', r"SchemaError: .*unknown column 'agee'; did you mean 'age'\?"),
        ('inputs["buys"]', 'inputs["colour"] / 2', r"TraceError: .*string"),
    ],
)
def test_a_missing_column_and_a_wrong_type_in_a_recipe(
    pipeline: Path, old: str, new: str, message: str
) -> None:
    pipeline.write_text(pipeline.read_text().replace(old, new))
    (number,) = (each for each, text in enumerate(pipeline.read_text().splitlines(), 1) if new in text)
    line = error_line(run_command("run", pipeline, "--out-dir", pipeline.with_name("run")))
    assert re.match(message, line)
    assert f"{pipeline}, line {number}" in line


def test_predict_prints_one_json_object_per_row(executed: Path) -> None:
    table = executed.parent / "people.csv"
    result = run_command("predict", executed / "model.onnx", table)
    assert result.code == 0, result.err
    rows = [json.loads(line) for line in result.out.splitlines()]
    assert len(rows) == pyarrow.csv.read_csv(table).num_rows
    assert {row["label"] for row in rows} <= {"no", "yes"}
    assert all(len(row["probabilities"]) == 2 for row in rows)


@pytest.mark.parametrize(
    ("header", "row", "message"),
    [
        ("Age,colour", "3,red", ": feature 'age': the column is missing; did you mean 'Age'?"),
        (
            "age,colour",
            "old,red",
            ", line 2: feature 'age': expected values of type float (invalid value 'old')",
        ),
    ],
)
def test_predict_names_the_file_and_the_feature(
    executed: Path, tmp_path: Path, header: str, row: str, message: str
) -> None:
    table = tmp_path / "table.csv"
    table.write_text(f"{header}\n{row}\n")
    line = error_line(run_command("predict", executed / "model.onnx", table))
    assert line.startswith(f"SchemaError: {table}{message}")


def test_predict_warns_of_an_optional_column_that_may_be_misspelt(executed: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("agee,colour\n3,red\n")
    result = run_command("predict", executed / "model.onnx", table)
    assert result.code == 0, result.err
    assert f"warning: {table}: missing in all rows: age; did you mean 'agee'?" in result.err


def test_debug_prints_the_traceback(tmp_path: Path) -> None:
    absent = tmp_path / "absent.tfrecord"
    assert str(absent) in error_line(run_process("records", "check", absent))
    result = run_process("records", "check", absent, "--debug")
    assert result.code == 1
    assert "Traceback" in result.err
    assert str(absent) in result.err.splitlines()[-1]


def test_the_model_zoo() -> None:
    assert re.search(r"^fashion_cnn +1,413,834 parameters$", run_command("models", "list").out, re.MULTILINE)
