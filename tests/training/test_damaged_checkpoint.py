"""Checkpoints with wrong fields or tensors are refused in one line with a hint."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from headrace.errors import HeadraceError, ModelError
from headrace.recipes import reopen
from headrace.recipes.steps import train_model
from headrace.training.checkpoint import read_progress

from ..damaged_json import damage


@pytest.fixture
def run(executed: Path, tmp_path: Path) -> Path:
    shutil.copytree(executed, tmp_path / "run")
    return tmp_path / "run"


def test_wrong_fields(run: Path) -> None:
    file = run / "training" / "state.safetensors"
    with safe_open(file, "pt") as opened:
        stored = json.loads(opened.metadata()["run"])
    tensors = {"x": torch.zeros(1)}
    refused = list[str]()
    for _, changed in damage(stored):
        save_file(tensors, file, {"run": json.dumps(changed)})
        try:
            read_progress(file)
        except ModelError as error:
            refused.append(str(error))
    assert len(refused) > 200
    assert all(line.startswith(f"{file}: ") and "fresh=True" in line for line in refused)


@pytest.mark.parametrize(
    ("name", "tensor"),
    [
        ("sums", None),
        ("sums", torch.zeros(9)),
        ("sums", torch.zeros(1)),
        ("random/cpu", torch.zeros(3)),
        ("random/cpu", None),
        ("optimizer/x/exp_avg", torch.zeros(3)),
        ("optimizer/99/exp_avg", torch.zeros(3)),
        ("optimizer/0", torch.zeros(3)),
        ("optimizer/0/exp_avg", torch.zeros(3)),
        ("random/cuda/x", torch.zeros(3)),
        ("model/last.bias", None),
        ("model/last.bias", torch.zeros(7)),
    ],
)
def test_wrong_tensors(run: Path, name: str, tensor: torch.Tensor | None) -> None:
    file = run / "training" / "state.safetensors"
    with safe_open(file, "pt") as opened:
        stored = json.loads(opened.metadata()["run"])
    stored["progress"] |= {"epoch": 1, "history": stored["progress"]["history"][:1], "best_epoch": 1}
    tensors = load_file(file)
    tensors.pop(name, None)
    if tensor is not None:
        tensors[name] = tensor
    save_file(tensors, file, {"run": json.dumps(stored)})
    with pytest.raises(HeadraceError, match=r"state.safetensors: ") as caught:
        train_model(reopen(run))
    assert caught.value.hint
