"""Wherever a command reads a CSV file, delimiter, header, encoding and types can be passed."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

import headrace as hr

from .commands import error_line, run_command, run_process

FUNCTION = """import headrace as hr


def preprocess(inputs):
    return {"x": hr.transform.scale_to_z_score(inputs["größe"])}
"""
OPTIONS = ("--delimiter", ";", "--encoding", "latin-1", "--header", "--type", "plz=string")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "a.csv"
    path.write_bytes("größe;plz\n1.5;12345\n2.5;67890\n".encode("latin-1"))
    return path


def test_convert_takes_csv_options(table: Path, tmp_path: Path) -> None:
    run_command("records", "convert", table, tmp_path / "b.parquet", *OPTIONS)
    (batch,) = hr.Dataset.from_parquet(tmp_path / "b.parquet")
    assert batch.to_pydict() == {"größe": [1.5, 2.5], "plz": ["12345", "67890"]}


def test_analyze_and_transform_take_csv_options(table: Path, tmp_path: Path) -> None:
    (tmp_path / "f.py").write_text(FUNCTION)
    out = tmp_path / "transform"
    analyzed = run_command(
        "analyze", table, "--preprocess", f"{tmp_path}/f.py:preprocess", "--out", out, *OPTIONS
    )
    assert analyzed.code == 0, analyzed.err
    done = run_command(
        "transform", table, "--transform", out, "--out", tmp_path / "rows", "--format", "csv", *OPTIONS
    )
    assert done.code == 0, done.err
    (written,) = tmp_path.glob("rows*.csv")
    (batch,) = hr.Dataset.from_csv(written)
    assert batch["x"].to_pylist() == [-1.0, 1.0]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model of a string input."""
    rows = hr.Dataset.from_arrow(pa.table({"plz": ["01234", "12345"]}))
    transform = hr.transform.analyze(
        lambda x: {"n": hr.transform.compute_and_apply_vocabulary(x["plz"])}, rows
    )
    (tmp_path / "model.onnx").write_bytes(transform.to_onnx().SerializeToString())
    return tmp_path / "model.onnx"


def test_predict_takes_csv_options_and_reads_the_models_strings_as_strings(table: Path, model: Path) -> None:
    result = run_command("predict", model, table, "--delimiter", ";", "--encoding", "latin-1")
    assert result.code == 0, result.err
    known = [row["n"] >= 0 for row in map(json.loads, result.out.splitlines())]
    assert known == [True, False]


def test_what_was_found_is_one_line(table: Path, tmp_path: Path) -> None:
    result = run_process("records", "convert", table, tmp_path / "b.jsonl", "--encoding", "latin-1")
    assert result.code == 0
    assert result.err.splitlines()[0] == f"warning: {table}: found delimiter ';'; pass delimiter= to set it"


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a.csv", ["--type", "plz"], "--type: expected COLUMN=TYPE, got 'plz'; pass --type zip=string"),
        ("a.csv", ["--type", "plz=text"], "expected an Arrow type or its name, got 'text'"),
        ("a.csv", ["--delimiter", "::"], "delimiter: expected one ASCII character, got '::'"),
        ("a.csv", ["--encoding", "latin-77"], "encoding: expected an encoding of text, got 'latin-77'"),
        (
            "a.parquet",
            ["--delimiter", ";"],
            "parquet files do not have a delimiter, header or encoding; omit",
        ),
        ("a.parquet", ["--type", "x=string"], "parquet files do not have types that can be declared; omit"),
    ],
)
@pytest.mark.usefixtures("table")
def test_invalid_options_are_one_line(tmp_path: Path, name: str, options: list[str], message: str) -> None:
    hr.Dataset.from_arrow(pa.table({"x": [1]})).write(tmp_path / "a.parquet", "parquet")
    source = next(tmp_path.glob(name.replace(".", "*.")))
    assert message in error_line(run_command("records", "convert", source, tmp_path / "b.jsonl", *options))


def test_json_lines_take_types(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"x": 1}\n{"x": "01"}\n')
    done = run_command(
        "records", "convert", tmp_path / "a.jsonl", tmp_path / "b.parquet", "--type", "x=string"
    )
    assert done.code == 0, done.err
    (batch,) = hr.Dataset.from_parquet(tmp_path / "b.parquet")
    assert batch["x"].to_pylist() == ["1", "01"]
