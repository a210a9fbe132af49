from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from PIL import Image

from headrace import transform as t

from .commands import called, refusal


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    frozen = t.analyze(
        lambda x: {"y": t.bucketize(t.scale_to_z_score(x["age"]), 4)}, [pa.record_batch({"age": [1, 2]})]
    )
    frozen.save(tmp_path / "run" / "transform")
    return tmp_path / "run"


def test_explain_prints_the_plan_and_draws_it(saved: Path) -> None:
    ended = called("explain", saved / "transform", "--plot", saved / "graph.png")
    assert ended.code == 0
    assert ended.out.startswith("2 passes over the data, then row by row\n")
    assert "#2 = bucketize(#1, num_buckets=4)" in ended.out
    with Image.open(saved / "graph.png") as image:
        assert image.width > 500


def test_a_runs_folder_will_do(saved: Path) -> None:
    assert called("explain", saved).out == called("explain", saved / "transform").out


def test_what_cannot_be_explained_is_refused_in_one_line(saved: Path, tmp_path: Path) -> None:
    assert "the directory does not hold a transform" in refusal(called("explain", tmp_path / "nothing"))
    assert "use the extension .png, .svg or .pdf" in refusal(
        called("explain", saved, "--plot", tmp_path / "graph.doc")
    )
    refused = refusal(called("explain", saved, "--plot", tmp_path / "no" / "graph.png"))
    assert str(tmp_path / "no") in refused
    assert not (tmp_path / "graph.doc").exists()
