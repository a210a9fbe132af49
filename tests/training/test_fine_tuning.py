"""Fine-tuning from a local weights file: frozen bits are unchanged, and kill and resume are exact."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from runpy import run_path

import pytest
import torch
from safetensors.torch import load_file

import headrace as hr
from headrace.training import FitResult

SCRIPT = Path(__file__).with_name("killed_fine_tuning.py")
KILLED = run_path(str(SCRIPT))
train: Callable[..., FitResult] = KILLED["train"]


@pytest.fixture(autouse=True, scope="module")
def _threads() -> Iterator[None]:
    """Give the process back its threads: the script uses one."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "small_se_resnet.pth"
    torch.save(hr.vision.create_model("small_se_resnet", input_size=16, seed=4).state_dict(), path)
    return path


@pytest.fixture(scope="module")
def uninterrupted(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> FitResult:
    return train(tmp_path_factory.mktemp("uninterrupted"), weights)


def test_frozen_bits_are_those_of_the_file(weights: Path, uninterrupted: FitResult) -> None:
    stored, found = torch.load(weights), load_file(uninterrupted.last_weights)
    frozen = [name for name in found if name.startswith(KILLED["FROZEN"])]
    assert any(name.endswith("running_mean") for name in frozen)
    for name, tensor in found.items():
        if not name.startswith("output."):
            assert torch.equal(tensor, stored[name]) == (name in frozen), name


def test_a_killed_fine_tuning_resumes_with_the_same_bits(
    tmp_path: Path, weights: Path, uninterrupted: FitResult
) -> None:
    command = [sys.executable, str(SCRIPT), str(tmp_path), str(weights)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for batch in range(6):  # in the second epoch of four batches each
            if batch:
                print(file=process.stdin, flush=True)
            assert process.stdout.readline() == "batch\n"
        process.send_signal(signal.SIGKILL)
    resumed = train(tmp_path, weights)
    assert resumed.resumed_at_step == 5
    for name in ("last.safetensors", "best.safetensors"):
        found = load_file(tmp_path / name)
        expected = load_file(uninterrupted.last_weights.parent / name)
        assert found.keys() == expected.keys()
        assert all(torch.equal(found[each], expected[each]) for each in found)
