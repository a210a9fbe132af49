"""A killed and resumed training ends with the same bits as an uninterrupted training, with augmentation."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from runpy import run_path

import pytest
from safetensors.numpy import load_file

from headrace.training import FitResult
from headrace.training.checkpoint import read_progress

SCRIPT = Path(__file__).with_name("killed_training.py")
KILLED = run_path(str(SCRIPT))
STEPS_PER_EPOCH, EPOCHS = KILLED["ROWS"] // KILLED["BATCH_SIZE"], KILLED["EPOCHS"]
train: Callable[..., FitResult] = KILLED["train"]


def train_and_kill(out_dir: Path, way: str = "adamw", *, at_batch: int, wait: bool = True) -> None:
    """Run the training in a child process, and kill it when it starts the step of batch number `at_batch`.

    Without `wait` the process runs on, so that the kill may hit it anywhere: in a step, in a write, too late.
    """
    command = [sys.executable, str(SCRIPT), str(out_dir), way, *(["--wait"] if wait else [])]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for batch in range(at_batch):
            if wait and batch:
                print(file=process.stdin, flush=True)
            assert process.stdout.readline() in (("batch\n",) if wait else ("batch\n", ""))
        process.send_signal(signal.SIGKILL)
    assert process.returncode in ((-signal.SIGKILL,) if wait else (-signal.SIGKILL, 0))


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(tmp_path_factory.mktemp("uninterrupted")).last_weights.parent


def same_bits(one: Path, other: Path) -> bool:
    first, second = load_file(one), load_file(other)
    return first.keys() == second.keys() and all(
        first[name].tobytes() == second[name].tobytes() for name in first
    )


@pytest.mark.parametrize("at_batch", [5, STEPS_PER_EPOCH + 7])
def test_weights_after_a_kill_are_bit_identical(tmp_path: Path, uninterrupted: Path, at_batch: int) -> None:
    train_and_kill(tmp_path, at_batch=at_batch)
    stopped, _ = read_progress(tmp_path / "state.safetensors")
    assert stopped.step == at_batch - 1
    assert 0 < stopped.batches < STEPS_PER_EPOCH
    result = train(tmp_path)
    assert result.resumed_at_step == stopped.step
    for name in ("last.safetensors", "best.safetensors"):
        assert same_bits(tmp_path / name, uninterrupted / name)
    for row, expected in zip(result.history, train(uninterrupted).history, strict=True):
        same = expected.keys() - {"seconds", "examples_per_second", "data_wait"}
        assert {name: row[name] for name in same} == {name: expected[name] for name in same}


def test_weights_after_two_kills_anywhere_are_bit_identical(tmp_path: Path, uninterrupted: Path) -> None:
    for at_batch in (4, STEPS_PER_EPOCH):
        train_and_kill(tmp_path, at_batch=at_batch, wait=False)
    train(tmp_path)
    assert same_bits(tmp_path / "last.safetensors", uninterrupted / "last.safetensors")


def test_momentum_is_restored(tmp_path: Path) -> None:
    train_and_kill(tmp_path / "killed", "sgd", at_batch=STEPS_PER_EPOCH + 3)
    for name in ("killed", "uninterrupted"):
        train(tmp_path / name, "sgd")
    assert same_bits(*(tmp_path / name / "last.safetensors" for name in ("killed", "uninterrupted")))


def test_accumulation_averages_schedules_and_parts_are_restored(tmp_path: Path) -> None:
    train_and_kill(tmp_path / "killed", "everything", at_batch=STEPS_PER_EPOCH + 6)
    stopped, _ = read_progress(tmp_path / "killed" / "state.safetensors")
    assert stopped.batches == 3  # a checkpoint waits until accumulated gradients are used
    for name in ("killed", "uninterrupted"):
        train(tmp_path / name, "everything")
    for file in ("last.safetensors", "best.safetensors"):
        assert same_bits(*(tmp_path / name / file for name in ("killed", "uninterrupted")))


def test_weights_of_classes_and_rows_and_fitted_heads_of_several_outputs_are_restored(tmp_path: Path) -> None:
    train_and_kill(tmp_path / "killed", "outputs", at_batch=STEPS_PER_EPOCH + 6)
    killed, whole = (train(tmp_path / name, "outputs") for name in ("killed", "uninterrupted"))
    assert killed.resumed_at_step == STEPS_PER_EPOCH + 3
    for file in ("last.safetensors", "best.safetensors"):
        assert same_bits(*(tmp_path / name / file for name in ("killed", "uninterrupted")))
    assert killed.head == whole.head
    fitted = json.loads((tmp_path / "killed/head.json").read_text())["numbers"]
    assert fitted["kind"].keys() == {"temperature", "threshold"}
    same = [{name for name in row if name.startswith(("train", "validation"))} for row in whole.history]
    for row, expected, names in zip(killed.history, whole.history, same, strict=True):
        assert {name: row[name] for name in names} == {name: expected[name] for name in names}


def test_a_finished_training_returns_at_once(uninterrupted: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = {file: file.stat().st_mtime_ns for file in uninterrupted.rglob("*")}
    capfd.readouterr()
    result = train(uninterrupted)
    assert "batch" not in capfd.readouterr().out
    assert result.epochs == EPOCHS
    assert result.resumed_at_step == EPOCHS * STEPS_PER_EPOCH
    assert {file: file.stat().st_mtime_ns for file in uninterrupted.rglob("*")} == before
