from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from PIL import Image

from headrace import transform as t

from .commands import error_line, run_command


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    frozen = t.analyze(
        lambda x: {"y": t.bucketize(t.scale_to_z_score(x["age"]), 4)}, [pa.record_batch({"age": [1, 2]})]
    )
    frozen.save(tmp_path / "run" / "transform")
    return tmp_path / "run"


def test_explain_prints_the_plan_and_draws_the_graph(saved: Path) -> None:
    result = run_command("explain", saved / "transform", "--plot", saved / "graph.png")
    assert result.code == 0
    assert result.out.startswith("2 passes over the data, then row by row\n")
    assert "#2 = bucketize(#1, num_buckets=4)" in result.out
    with Image.open(saved / "graph.png") as image:
        assert image.width > 500


def test_explain_accepts_the_folder_of_a_run(saved: Path) -> None:
    assert run_command("explain", saved).out == run_command("explain", saved / "transform").out


def test_errors_of_explain_are_one_line(saved: Path, tmp_path: Path) -> None:
    assert "the directory does not hold a transform" in error_line(
        run_command("explain", tmp_path / "nothing")
    )
    assert "expected the extension .png, .svg or .pdf, got .doc" in error_line(
        run_command("explain", saved, "--plot", tmp_path / "graph.doc")
    )
    refused = error_line(run_command("explain", saved, "--plot", tmp_path / "no" / "graph.png"))
    assert str(tmp_path / "no") in refused
    assert not (tmp_path / "graph.doc").exists()
