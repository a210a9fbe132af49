"""Cost of models, against hand-computed sums, published figures and measured memory."""

import json
import os
import subprocess
import sys
from pathlib import Path
from runpy import run_path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

import headrace as hr
from headrace.errors import ModelError, UsageError
from headrace.vision import cost, largest_batch, stages

SCRIPT = Path(__file__).with_name("measured_memory.py")
MODELS = run_path(str(SCRIPT))["MODELS"]

textbook_layer = nn.Conv2d(3, 200, 5, padding=2)  # 200 maps of 150 x 100 from RGB, 5 x 5


def test_textbook_layer() -> None:
    found = hr.vision.cost(textbook_layer, (3, 150, 100))
    assert found.parameters == 15_200
    assert found.macs == 225_000_000
    assert found.training_bytes == 12_000_000
    assert found.layers == (
        hr.vision.LayerCost(
            name="",
            kind="Conv2d",
            output=(200, 150, 100),
            parameters=15_200,
            macs=225_000_000,
            training_bytes=12_000_000,
            inference_bytes=12_000_000 + 3 * 150 * 100 * 4,
        ),
    )


def test_a_hundred_instances_of_the_textbook_layer_take_1_2_gigabytes() -> None:
    found = hr.vision.cost(textbook_layer, (3, 150, 100))
    outputs = 1_200_000_000
    inputs, weights = 100 * 3 * 150 * 100 * 4, 15_200 * 4
    loss = 8  # one number and its gradient
    assert found.training_memory(100) == outputs + inputs + 4 * weights + loss  # gradients, two moments
    assert found.inference_memory(100) == outputs + inputs + weights


def test_half_precision_takes_half_the_memory() -> None:
    whole, half = (
        hr.vision.cost(textbook_layer, (3, 150, 100), dtype=dtype) for dtype in (torch.float32, torch.float16)
    )
    assert half.training_memory(7) * 2 == whole.training_memory(7)
    assert half.training_bytes == 6_000_000
    assert half.macs == whole.macs


def test_inference_holds_two_consecutive_layers() -> None:
    model = nn.Sequential(*(nn.Conv2d(a, b, 3, padding=1) for a, b in ((2, 5), (5, 9), (9, 1), (1, 1))))
    found = hr.vision.cost(model, (2, 8, 8))
    widths = [(2 + 5), (5 + 9), (9 + 1), (1 + 1)]
    assert [layer.inference_bytes for layer in found.layers] == [width * 8 * 8 * 4 for width in widths]
    assert found.inference_bytes == 14 * 8 * 8 * 4
    assert found.training_bytes == (5 + 9 + 1 + 1) * 8 * 8 * 4


def test_published_counts_of_resnet_50() -> None:
    found = hr.vision.cost(MODELS["resnet50"][0](), (3, 224, 224))
    assert found.parameters == 25_557_032  # K. He et al. 2015, as torchvision builds it
    assert found.macs == 4_089_184_256  # 4.09 billion
    assert sum(layer.parameters for layer in found.layers) == found.parameters


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.two(self.one(x))


def test_a_shortcut_is_alive_during_the_body() -> None:
    found = hr.vision.cost(nn.Sequential(Residual(), nn.Flatten()), (4, 8, 8))
    map_bytes = 4 * 8 * 8 * 4
    alive = {layer.name: layer.inference_bytes for layer in found.layers}
    assert alive["0.two"] == 3 * map_bytes
    assert "0" in alive  # the addition is the unit's own
    assert found.inference_bytes == 3 * map_bytes


def test_recomputation_saves_training_memory() -> None:
    class Recomputed(nn.Sequential):
        def forward(self, input: Tensor) -> Tensor:  # noqa: A002
            for layer in self:
                input = checkpoint(layer, input, use_reentrant=False)  # noqa: A001  # pyright: ignore
            return input

    blocks = [nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.Tanh()) for _ in range(6)]
    kept = hr.vision.cost(nn.Sequential(*blocks), (8, 16, 16)).training_memory(64)
    assert hr.vision.cost(Recomputed(*blocks), (8, 16, 16)).training_memory(64) < 0.7 * kept


def test_weights_of_a_layer_called_twice_count_once() -> None:
    layer = nn.Conv2d(4, 4, 3, padding=1)
    found = hr.vision.cost(nn.Sequential(layer, nn.ReLU(), layer), (4, 8, 8))
    assert [row.parameters for row in found.layers] == [148, 0, 0]
    assert found.parameters == 148
    assert found.macs == 2 * 4 * 4 * 9 * 64


class Heads(nn.Module):
    """A second head that runs in training only."""

    def __init__(self) -> None:
        super().__init__()
        self.main, self.side = nn.Linear(6, 2), nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        return (self.main(x), self.side(x)) if self.training else self.main(x)


def test_a_training_head_does_not_count_in_inference() -> None:
    found = hr.vision.cost(Heads(), (6,))
    assert found.macs == 12
    assert {layer.name: layer.training_bytes for layer in found.layers} == {"main": 8, "side": 12}


def test_the_model_is_not_changed() -> None:
    model = hr.vision.create_model("lenet5")
    model[3].eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    hr.vision.cost(model, (1, 28, 28))
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert [layer.training for layer in model] == [number != 3 for number in range(len(model))]
    assert all(not layer._forward_hooks and not layer._forward_pre_hooks for layer in model.modules())
    assert all(weight.grad is None for weight in model.parameters())


def test_largest_batch_is_the_largest_within_memory() -> None:
    model = hr.vision.create_model("fashion_cnn")
    found = hr.vision.cost(model, (1, 28, 28))
    for memory in (30_000_000, 200_000_000, 8_000_000_000):
        batch = hr.vision.largest_batch(model, (1, 28, 28), memory)
        assert found.training_memory(batch) <= memory < found.training_memory(batch + 1)
        batch = hr.vision.largest_batch(model, (1, 28, 28), memory, mode="inference")
        assert found.inference_memory(batch) <= memory < found.inference_memory(batch + 1)


def test_memory_as_a_string() -> None:
    model = hr.vision.create_model("lenet5")
    batches = [
        hr.vision.largest_batch(model, (1, 28, 28), memory) for memory in (2_000_000_000, "2 GB", "2000mb")
    ]
    assert len(set(batches)) == 1
    assert hr.vision.largest_batch(model, (1, 28, 28), "2 GiB") > batches[0]
    assert hr.vision.largest_batch(model, (1, 28, 28), "100 KB") == 0
    with pytest.raises(UsageError, match="expected a memory size, got 'much'; pass a number and a unit"):
        hr.vision.largest_batch(model, (1, 28, 28), "much")


def test_a_lazy_layer_without_a_shape_is_refused() -> None:
    with pytest.raises(ModelError, match=r"the parameter 'weight' has no shape yet; train the model"):
        cost(nn.LazyConv2d(3, 3), (3, 8, 8))


def test_a_wrong_input_shape_is_named() -> None:
    with pytest.raises(ModelError, match=r"cannot trace the model on float32\[2, 3, 28, 28\]: RuntimeError"):
        hr.vision.cost(hr.vision.create_model("lenet5"), (3, 28, 28))


def test_a_model_that_reads_values_is_rejected() -> None:
    class Reader(nn.Linear):
        def forward(self, input: Tensor) -> Tensor:  # noqa: A002
            return super().forward(input) * input.max().item()

    with pytest.raises(ModelError, match="`forward` must not read values"):
        hr.vision.cost(Reader(4, 4), (4,))


def test_a_model_that_branches_on_the_batch_size_is_rejected() -> None:
    class Chooser(nn.Linear):
        def forward(self, input: Tensor) -> Tensor:  # noqa: A002
            return super().forward(input if len(input) == 2 else input * 1)

    with pytest.raises(ModelError, match="calls different layers for different batch sizes"):
        hr.vision.cost(Chooser(4, 4), (4,))


def test_the_table_has_a_row_per_layer_and_totals() -> None:
    table = str(hr.vision.cost(hr.vision.create_model("lenet5"), (1, 28, 28))).splitlines()
    assert table[1].split()[:2] == ["In", "ZeroPad2d"]
    assert table[-1].split()[:2] == ["total", "61,706"]
    assert len({len(line) for line in table}) == 1


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="resident memory is read from /proc")
@pytest.mark.parametrize("name", MODELS)
def test_training_takes_the_estimated_memory(name: str) -> None:
    """In a process whose allocator returns memory at once, so that heap fragmentation does not count."""
    build, shape, batch = MODELS[name]
    process = subprocess.run(
        [sys.executable, str(SCRIPT), name],
        env={**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536", "OMP_NUM_THREADS": "2"},
        capture_output=True,
        text=True,
        timeout=1200,
        check=True,
    )
    measured = json.loads(process.stdout)["peak"]
    assert hr.vision.cost(build(), shape).training_memory(batch) == pytest.approx(measured, rel=0.15)


@pytest.mark.parametrize(
    "shape", [28, None, "28", {}, (0, 28, 28), (1, 28.0, 28), (1, -1, 28), (1, 28, True)]
)
def test_other_input_shapes_are_refused(shape: Any) -> None:
    for measure in (cost, lambda *given: largest_batch(*given, "1 GB"), stages):
        with pytest.raises(UsageError, match="input_shape"):
            measure(nn.Conv2d(1, 1, 1), shape)


@pytest.mark.parametrize(
    "shape", [[1, 8, 8], np.array([1, 8, 8]), torch.Size([1, 8, 8]), (np.int64(1), 8, 8)]
)
def test_shapes_of_other_types_are_accepted(shape: Any) -> None:
    found = cost(nn.Conv2d(1, 1, 1), shape).input_shape
    assert found == (1, 8, 8)
    assert {type(side) for side in found} == {int}


@pytest.mark.parametrize("mode", ["train", "Training", "eval", None, True])
def test_fits_in_another_mode_is_refused(mode: Any) -> None:
    """`largest_batch`, formerly `fits`, does not take the answer of inference for an unknown mode."""
    with pytest.raises(UsageError, match="mode: expected one of 'training', 'inference', got"):
        largest_batch(nn.Conv2d(1, 1, 1), (1, 8, 8), "1 GB", mode=mode)


@pytest.mark.parametrize("memory", [-1, 8e9, True, None, "8 bananas"])
def test_other_sizes_of_memory_are_refused(memory: Any) -> None:
    with pytest.raises(UsageError, match="size"):
        largest_batch(nn.Conv2d(1, 1, 1), (1, 8, 8), memory)


@pytest.mark.parametrize("dtype", ["float32", np.float32, torch.int64, torch.complex64, None])
def test_other_dtypes_are_refused(dtype: Any) -> None:
    with pytest.raises(UsageError, match="dtype: expected one of floats, got"):
        cost(nn.Conv2d(1, 1, 1), (1, 8, 8), dtype=dtype)


@pytest.mark.parametrize("model", ["resnet18", None, nn.ReLU])
def test_other_models_are_refused(model: Any) -> None:
    with pytest.raises(UsageError, match="model: expected a module, got"):
        cost(model, (1, 8, 8))


def test_modes_and_statistics_are_restored() -> None:
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout())
    model[1].eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    cost(model, (1, 8, 8))
    with pytest.raises(ModelError):
        cost(model, (3, 8, 8))
    assert [layer.training for layer in model] == [True, False, True]
    torch.testing.assert_close(model.state_dict(), before, rtol=0, atol=0)


def test_batches_are_integers() -> None:
    found = cost(nn.Conv2d(1, 1, 1), (1, 8, 8))
    for estimate in (found.training_memory, found.inference_memory):
        for batch in (0, -1, 2.5, True):
            with pytest.raises(UsageError, match="batch"):
                estimate(batch)  # pyright: ignore[reportArgumentType]
