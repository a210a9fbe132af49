"""Checkpoints and weights are restored exactly; other files are refused."""

import json
import resource
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torch.optim import AdamW

from headrace.errors import ModelError, UsageError
from headrace.training import load_weights, save_weights
from headrace.training.checkpoint import Progress, Trained, read_progress, restore_checkpoint, save_checkpoint


def take_step(model: nn.Module) -> AdamW:
    optimizer = AdamW(model.parameters(), fused=True)
    model(torch.rand(2, 3, 4, 4)).square().sum().backward()
    optimizer.step()
    return optimizer


def convolution() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5)).to(memory_format=torch.channels_last)


def test_every_part_of_a_checkpoint_is_restored(tmp_path: Path) -> None:
    model, progress = (
        convolution(),
        Progress(epoch=2, best_epoch=1, batches=3, step=23, seconds=0.1 + 0.2, history=[{"loss": 1 / 3}]),
    )
    optimizer, sums = take_step(model), torch.tensor([1.0, 1 / 3], dtype=torch.float64)
    save_checkpoint(tmp_path / "state.safetensors", model, Trained(optimizer, sums), progress, {"seed": 0})
    expected = torch.rand(3)

    other, other_sums = convolution(), torch.zeros(2, dtype=torch.float64)
    other_optimizer = AdamW(other.parameters(), fused=True)
    restore_checkpoint(tmp_path / "state.safetensors", other, Trained(other_optimizer, other_sums))

    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(other_sums, sums)
    assert read_progress(tmp_path / "state.safetensors") == (progress, {"seed": 0})
    for mine, theirs in zip(model.state_dict().values(), other.state_dict().values(), strict=True):
        assert torch.equal(mine, theirs)
    for mine, theirs in zip(optimizer.state.values(), other_optimizer.state.values(), strict=True):
        assert all(torch.equal(mine[name], theirs[name]) for name in mine)
        assert mine["exp_avg"].stride() == theirs["exp_avg"].stride()


def test_tied_weights_can_be_saved(tmp_path: Path) -> None:
    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(2, 2)
            self.second = self.first

    model, other = Tied(), Tied()
    save_weights(model, tmp_path / "weights.safetensors")
    load_weights(other, tmp_path / "weights.safetensors")
    assert torch.equal(model.first.weight, other.second.weight)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_weights(nn.Linear(2, 2), path)
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, limits[1]))
    try:
        with pytest.raises(UsageError, match="cannot be written: File too large"):
            save_weights(nn.Linear(2, 2), path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    save_weights(nn.Linear(2, 2), tmp_path / "weights.safetensors")
    with pytest.raises(ModelError, match="size mismatch for weight") as raised:
        load_weights(nn.Linear(2, 3), tmp_path / "weights.safetensors")
    assert raised.value.path == str(tmp_path / "weights.safetensors")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("content", [b"", b"\x80\x04pickle", b"\xff" * 64])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"not a readable safetensors file|got an empty file"):
        load_weights(nn.Linear(2, 2), path)
    with pytest.raises(ModelError, match="not a checkpoint"):
        read_progress(path)


def test_a_checkpoint_of_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    save_file({}, path, {"run": json.dumps({"format": "headrace training state 2"})})
    with pytest.raises(ModelError, match=r"expected format 'headrace training state 1', got .* 2'"):
        read_progress(path)


def test_weights_are_not_a_checkpoint(tmp_path: Path) -> None:
    save_weights(nn.Linear(2, 2), tmp_path / "weights.safetensors")
    with pytest.raises(ModelError, match="not a checkpoint"):
        read_progress(tmp_path / "weights.safetensors")


class TestWeightsOfOtherKinds:
    def test_a_git_lfs_pointer_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / "best.safetensors"
        path.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n")
        with pytest.raises(ModelError, match=r"best.safetensors: expected weights, got a git-lfs pointer"):
            load_weights(nn.Linear(2, 2), path)

    @pytest.mark.parametrize("dtype", [torch.complex64, torch.int64])
    def test_complex_numbers_and_integers_are_refused(self, tmp_path: Path, dtype: torch.dtype) -> None:
        model = nn.Linear(2, 2)
        save_weights(model.to(dtype) if dtype.is_complex else model, tmp_path / "w.safetensors")
        if not dtype.is_complex:
            save_file(
                {"weight": torch.zeros(2, 2, dtype=dtype), "bias": torch.zeros(2)}, tmp_path / "w.safetensors"
            )
        with pytest.raises(ModelError, match=f"weight: expected float32, got {str(dtype)[6:]}"):
            load_weights(nn.Linear(2, 2), tmp_path / "w.safetensors")

    def test_paths_are_strings_too(self, tmp_path: Path) -> None:
        model, other = nn.Linear(2, 2), nn.Linear(2, 2)
        save_weights(model, str(tmp_path / "w.safetensors"))
        load_weights(other, str(tmp_path / "w.safetensors"))
        assert torch.equal(model.weight, other.weight)
        for path in (None, 3, b"w"):
            with pytest.raises(UsageError, match="path: expected a path"):
                load_weights(model, path)  # pyright: ignore
