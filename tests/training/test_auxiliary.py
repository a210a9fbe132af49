"""Auxiliary heads inside wrappers, as GoogLeNet or Inception in nn.Sequential or in a module."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from headrace import Dataset
from headrace.training import fit
from headrace.training.loop.auxiliary import AuxiliaryOutputs
from headrace.vision import FlipAveraging
from headrace.vision.layers import AuxiliaryNetwork


def network() -> nn.Module:
    """A small network with an auxiliary head behind its first stage."""
    stages = nn.Sequential()
    stages.add_module("stem", nn.Conv2d(1, 2, 3))
    stages.add_module("head", nn.Sequential(nn.Flatten(), nn.Linear(8, 2)))
    return AuxiliaryNetwork(stages, {"stem": nn.Sequential(nn.Flatten(), nn.Linear(8, 2))}, 0.3)


class Wrapper(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.network = network()
        self.scale = nn.Linear(2, 2)

    def forward(self, image: Tensor) -> Tensor:
        return self.scale(self.network(image))


@pytest.mark.parametrize(
    "wrap",
    [
        network,
        Wrapper,
        lambda: nn.Sequential(nn.Identity(), network()),
        lambda: nn.Sequential(network(), nn.Linear(2, 2)),
        lambda: FlipAveraging(network()),
        lambda: nn.Sequential(Wrapper(), nn.Linear(2, 2)),
    ],
)
def test_auxiliary_heads_inside_wrappers_are_trained(tmp_path: Path, wrap: type[nn.Module]) -> None:
    torch.manual_seed(0)
    model = wrap()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    images = np.random.default_rng(0).normal(size=(9, 1, 4, 4)).astype(np.float32)
    rows = Dataset.from_arrays({"image": images, "label": np.arange(9) % 2})
    fit(model, rows, rows, label="label", out_dir=tmp_path, epochs=1, batch_size=4, progress=False)
    unchanged = [name for name, value in model.state_dict().items() if torch.equal(value, before[name])]
    assert not unchanged
    assert isinstance(model.eval()(torch.zeros(1, 1, 4, 4)), Tensor)
    assert not any(module._forward_hooks for module in model.modules())  # pyright: ignore


def test_the_losses_of_several_calls_are_averaged() -> None:
    inner = network()
    outputs = AuxiliaryOutputs(nn.Sequential(inner))
    inner(torch.zeros(1, 1, 4, 4))
    assert [weight for weight, _ in outputs.take()] == [0.3]
    for _ in range(2):
        inner(torch.zeros(1, 1, 4, 4))
    assert [weight for weight, _ in outputs.take()] == [0.15, 0.15]
    inner.eval()
    inner(torch.zeros(1, 1, 4, 4))
    assert outputs.take() == []
