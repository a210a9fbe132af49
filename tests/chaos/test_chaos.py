"""A slice of `make chaos`: a few kills of each workload."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.chaos.concurrent_runs import load_while_writing, writing
from tests.chaos.trial import Subject, kill_at_points, kill_at_random
from tests.chaos.workloads import WORKLOADS
from tests.conftest import write_pipeline

from headrace.cli import main

TRIALS = {
    "convert": (6, 2),
    "split": (6, 2),
    "merge": (6, 2),
    "analyze": (8, 2),
    "export": (2, 0),
    "run": (2, 0),
}


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_killed_workload_is_done_again_to_the_same_bytes(name: str, tmp_path: Path) -> None:
    points, times = TRIALS[name]
    subject = Subject.measure(WORKLOADS[name], tmp_path)
    kill_at_points(subject, points)
    kill_at_random(subject, times)


def test_nothing_is_torn_while_another_process_writes(tmp_path: Path) -> None:
    assert load_while_writing(tmp_path, 50) == 50


def test_a_second_process_in_a_run_s_folder_gets_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = write_pipeline(tmp_path)
    (tmp_path / "run").mkdir()
    with writing(tmp_path / "run"), pytest.raises(SystemExit) as end:
        main(["run", str(recipe), "--out-dir", str(tmp_path / "run"), "--fresh"])
    assert end.value.code == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "another process is writing to this folder; wait until it has finished" in error
