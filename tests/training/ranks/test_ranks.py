"""Several ranks train as one process does; a rank that fails, ends or hangs ends all, with one line."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest
from safetensors.numpy import load_file

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[3]
SCRIPT = HERE / "train_on_ranks.py"
ONE = run_path(str(SCRIPT))
WRITE_PIPELINE = run_path(str(HERE.parents[1] / "conftest.py"))["write_pipeline"]
CASES: dict[str, Any] = ONE["CASES"]
PAGE = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
TORCHRUN, RUN = (line.split() for line in re.findall(r"^    (torchrun .*)$", PAGE, re.MULTILINE))
NOISE = 1e-6
TIMES = {"seconds", "examples_per_second", "data_wait"}


def start(*words: object) -> None:
    """Run a command without what another launcher has set."""
    names = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "OMP_NUM_THREADS")
    variables = {name: value for name, value in os.environ.items() if name not in names}
    variables["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        list(map(str, words)), cwd=HERE, env=variables, capture_output=True, text=True, timeout=3600
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cases, trained in this process."""
    folder = tmp_path_factory.mktemp("one")
    for case in CASES:
        ONE["write_result"](folder, case, ONE["train"](folder, case))
    return folder


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cases, trained by the command of the documentation."""
    folder = tmp_path_factory.mktemp("two")
    assert TORCHRUN[-1] == "train.py"
    start(sys.executable, "-m", "torch.distributed.run", *TORCHRUN[1:-1], SCRIPT, folder, *CASES)
    return folder


@pytest.fixture(scope="module")
def forked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scenarios of `fork_ranks.py`, with a recipe, which the command of the documentation runs."""
    folder = tmp_path_factory.mktemp("forked")
    recipe = WRITE_PIPELINE(folder)
    assert RUN[3:] == ["-m", "headrace", "run", recipe.name]
    start(sys.executable, HERE / "fork_ranks.py", folder, recipe)
    return folder


def read(folder: Path, case: str, rank: int = 0) -> dict[str, Any]:
    return json.loads((folder / case / f"rank-{rank}.json").read_text())


def end(folder: Path) -> tuple[list[int], list[str]]:
    """Return the exit codes of the ranks, and the last line that each printed."""
    logs = [each.read_text().splitlines() for each in sorted(folder.glob("rank-*.log"))]
    return json.loads((folder / "codes.json").read_text())["codes"], [log[-1] if log else "" for log in logs]


def check_equal(folder: Path, other: Path, case: str, noise: float = NOISE) -> None:
    """Check that two trainings have the same history, decisions and weights, up to noise."""
    found, expected = read(folder, case), read(other, case)
    for row, same in zip(found["history"], expected["history"], strict=True):
        assert row.keys() == same.keys()
        assert {key: row[key] for key in row.keys() - TIMES} == pytest.approx(
            {key: same[key] for key in row.keys() - TIMES}, abs=noise
        )
    assert (found["best_epoch"], found["epochs"]) == (expected["best_epoch"], expected["epochs"])
    for name in ("best", "last"):
        weights, same = (load_file(each / case / f"{name}.safetensors") for each in (folder, other))
        assert weights.keys() == same.keys()
        for key, value in weights.items():
            assert value == pytest.approx(same[key], abs=noise), key


@pytest.mark.parametrize("case", ["plain", "several", "side", "stream", "few"])
def test_two_ranks_of_torchrun_train_as_one_process(one: Path, two: Path, case: str) -> None:
    """Weights of classes and rows, several outputs, accumulation, averages, shares that are empty or odd."""
    check_equal(two, one, case)


def test_two_ranks_train_in_bfloat16_as_one_process(one: Path, two: Path) -> None:
    check_equal(two, one, "bf16", noise=2e-3)


@pytest.mark.parametrize("case", ["plain", "several"])
def test_three_ranks_train_as_one_process(one: Path, forked: Path, case: str) -> None:
    check_equal(forked / f"three-{case}", one, case)


@pytest.mark.parametrize("case", list(CASES))
def test_all_ranks_have_the_result_of_the_first(two: Path, case: str) -> None:
    """Also with batch norms, whose statistics differ from those of one process."""
    assert read(two, case, 1) == read(two, case)


def test_one_rank_writes_the_files(two: Path) -> None:
    for case in CASES:
        assert len(list((two / case / "tensorboard").iterdir())) == 1
        assert not list((two / case).glob("*.tmp*"))


def test_a_killed_rank_ends_the_other_which_names_it(forked: Path) -> None:
    for case in ("norm", "several"):
        codes, lines = end(forked / f"killed-{case}")
        assert codes == [1, -9]
        assert "RankError: rank 1: the process " in lines[0]
        assert "was killed or has ended" in lines[0]


def test_a_killed_training_resumes_with_the_same_bits(forked: Path) -> None:
    """With dropout and batch norms, whose random numbers and rows differ between the ranks."""
    assert read(forked / "resumed-two", "norm")["resumed_at_step"] == 13
    check_equal(forked / "resumed-two", forked / "whole-norm", "norm", noise=0)


@pytest.mark.parametrize("ranks", ["one", "three"])
def test_a_killed_training_resumes_on_another_number_of_ranks(forked: Path, one: Path, ranks: str) -> None:
    folder = forked / f"resumed-{ranks}"
    assert read(folder, "several")["resumed_at_step"] > 8  # in the second epoch
    check_equal(folder, one, "several")


def test_a_rank_that_hangs_is_named_and_ended(forked: Path) -> None:
    codes, lines = end(forked / "hang")
    assert codes == [1, 1]
    assert "RankError: rank 1: no answer for 10 s, it reported: reads training data" in lines[0]
    assert lines[1] == ""


def test_an_error_of_one_rank_is_reported_once(forked: Path) -> None:
    codes, lines = end(forked / "raise")
    assert codes == [1, 1]
    assert lines == ["", "[rank1]: ValueError: the disk is on fire"]


def test_an_error_of_the_first_rank_which_keeps_the_store_is_reported_once(forked: Path) -> None:
    codes, lines = end(forked / "raise first")
    assert codes == [1, 1]
    assert lines == ["[rank0]: ValueError: the disk is on fire", ""]


def test_a_killed_first_rank_is_named(forked: Path) -> None:
    codes, lines = end(forked / "kill first")
    assert codes == [-9, 1]
    assert "RankError: rank 0: the process " in lines[1]


def test_a_rank_that_exits_without_a_word_is_named_by_the_other(forked: Path) -> None:
    codes, lines = end(forked / "exit")
    assert codes == [1, 3]
    assert lines == ["[rank0]: headrace.errors.RankError: rank 1: SystemExit: 3.", ""]


def test_ranks_with_different_data_are_refused(forked: Path) -> None:
    codes, lines = end(forked / "rows")
    assert codes == [1, 1]
    assert lines[0] == ""
    assert "rank 1: this process differs from rank 0: train_rows 80, expected 86" in lines[1]


def test_a_process_group_of_the_user_is_used_and_stays(forked: Path, one: Path) -> None:
    """The network is wrapped in DistributedDataParallel already, which also averages the gradients."""
    assert end(forked / "group")[0] == [0, 0]
    check_equal(forked / "group", one, "plain")


def test_headrace_run_prints_and_writes_once(forked: Path) -> None:
    codes, _ = end(forked / "run")
    assert codes == [0, 0]
    first, other = ((forked / "run" / f"rank-{rank}.log").read_text() for rank in (0, 1))
    assert "test accuracy" in first
    assert other == ""
    folder = forked / "run" / "run"
    assert list(json.loads((folder / "run.json").read_text())["steps"])[-1] == "report"
    assert (folder / "report.html").exists()


def test_headrace_run_refuses_with_one_line(forked: Path) -> None:
    codes, _ = end(forked / "refused")
    assert codes == [2, 2]
    logs = "".join((forked / "refused" / f"rank-{rank}.log").read_text() for rank in (0, 1))
    assert len(logs.splitlines()) == 1
    assert "expected a batch_size of at least 2, a row for each rank, got 1" in logs
