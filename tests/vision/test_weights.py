"""Weights from files, by Headrace's names and by those of other libraries."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

import headrace as hr
from headrace.errors import ModelError
from headrace.vision.weights import load_weights


def create(seed: int = 0, **options: Any) -> Any:
    return hr.vision.create_model("resnet18", num_classes=3, input_size=(32, 32), seed=seed, **options)


def foreign(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """`output.weight` as another library stores it: `head.0.weight`, a convolution of one pixel."""
    renamed = {name.replace("output.", "head.0."): tensor for name, tensor in weights.items()}
    return renamed | {"head.0.weight": renamed["head.0.weight"][:, :, None, None]}


def test_safetensors_file(tmp_path: Path) -> None:
    weights = create(seed=1).state_dict()
    save_file(weights, tmp_path / "w.safetensors")
    loaded = create(weights=tmp_path / "w.safetensors").state_dict()
    assert all(torch.equal(loaded[name], each) for name, each in weights.items())


@pytest.mark.parametrize("wrap", [lambda w: w, lambda w: {"state_dict": w, "epoch": 3}])
def test_state_dict(tmp_path: Path, wrap: Any) -> None:
    weights = create(seed=1).state_dict()
    torch.save(wrap({f"module.{name}": each for name, each in weights.items()}), tmp_path / "w.pth")
    loaded = create(weights=tmp_path / "w.pth").state_dict()
    assert all(torch.equal(loaded[name], each) for name, each in weights.items())


def test_other_names_are_rewritten_and_flat_kernels_reshaped(tmp_path: Path) -> None:
    model, other = create(seed=0), create(seed=1)
    torch.save(foreign(other.state_dict()), tmp_path / "w.pth")
    load_weights(model, tmp_path / "w.pth", {"elsewhere": ((r"^head\.0\.", "output."),)})
    assert torch.equal(model.output.weight, other.output.weight)


def test_batch_counters_may_be_missing(tmp_path: Path) -> None:
    weights = create(seed=1).state_dict()
    torch.save({n: w for n, w in weights.items() if "num_batches" not in n}, tmp_path / "w.pth")
    assert torch.equal(create(weights=tmp_path / "w.pth").output.weight, weights["output.weight"])


def test_differences_are_named(tmp_path: Path) -> None:
    torch.save(create().state_dict(), tmp_path / "w.pth")
    with pytest.raises(
        ModelError, match=r"2 of 122 tensors differ \(output.weight has shape \[3, 512\], expected \[4, 512\]"
    ) as e:
        hr.vision.create_model("resnet18", num_classes=4, input_size=(32, 32), weights=tmp_path / "w.pth")
    assert e.value.path == str(tmp_path / "w.pth")
    assert "the same classes" in str(e.value)


class Payload:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("executed"),))


def test_no_code_in_a_file_is_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": Payload()}, "w.pth")
    with pytest.raises(
        ModelError, match="expected tensors only, got other objects; save only the state dict"
    ):
        create(weights="w.pth")
    assert not Path("executed").exists()


@pytest.mark.parametrize("name", ["w.pth", "w.safetensors"])
@pytest.mark.parametrize("content", [b"", b"no weights", b"\xff" * 64])
def test_other_files_are_rejected(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=str(tmp_path / name)):
        create(weights=tmp_path / name)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"absent.pth: not a readable weights file"):
        create(weights=tmp_path / "absent.pth")


def test_tensors_without_names_are_rejected(tmp_path: Path) -> None:
    torch.save([torch.zeros(2)], tmp_path / "w.pth")
    with pytest.raises(ModelError, match=r"not a state dict; save `model.state_dict\(\)`"):
        create(weights=tmp_path / "w.pth")
