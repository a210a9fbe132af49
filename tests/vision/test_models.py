"""Suites run over every registered model, and what the registry promises."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import onnxruntime
import pytest
import torch
from torch import Tensor, nn

import headrace as hr
from headrace.errors import UsageError
from headrace.vision.models import find_model, register_model

NAMES = hr.vision.list_models()
# Exported and compiled by `make test`; `make conformance-vision` does so with all.
QUICK = ("lenet5_original", "resnet18")


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Threads of several test processes wait for each other, which takes longer than small images do."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def quick_or_marked() -> list[Any]:
    return [pytest.param(name, marks=() if name in QUICK else (pytest.mark.every_model,)) for name in NAMES]


def count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


@cache
def smallest(name: str) -> int:
    """The side of the smallest square image a model takes."""
    for side in range(1, 64):
        try:
            with torch.device("meta"):
                hr.vision.create_model(name, input_size=(side, side))
        except UsageError:
            continue
        return side
    raise AssertionError(f"{name} takes no image of under 64 pixels")


def noise(rows: int, channels: int, side: int) -> Tensor:
    return torch.randn(rows, channels, side, side, generator=torch.Generator().manual_seed(0))


def small(name: str) -> tuple[nn.Module, Tensor]:
    """A model for the smallest images it takes, without dropout, and a batch of them."""
    side = smallest(name)
    model = hr.vision.create_model(name, num_classes=5, in_channels=3, input_size=(side, side))
    for layer in model.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = 0.0
    return model, noise(8, 3, side)


def check_training(model: nn.Module, images: Tensor) -> None:
    """Every weight gets a gradient, and first guesses are near even odds."""
    outputs = model.train()(images)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    labels = torch.arange(len(images)) % 5
    loss = torch.stack([nn.functional.cross_entropy(each, labels) for each in outputs]).sum()
    loss.backward()
    assert loss.isfinite()
    assert [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()] == []
    assert 0 < outputs[0].std().item() < 3
    model.zero_grad(set_to_none=True)


@torch.no_grad()
def check_layouts_and_types(model: nn.Module, images: Tensor) -> None:
    """Channels last changes nothing, and bfloat16 little."""
    plain = model.eval()(images)
    scale = plain.abs().max().item()
    model.to(memory_format=torch.channels_last)
    last = model(images.to(memory_format=torch.channels_last))
    torch.testing.assert_close(last, plain, rtol=1e-4, atol=1e-4 * scale)
    with torch.autocast("cpu", torch.bfloat16):
        coarse = model(images)
    assert torch.cosine_similarity(coarse.float().flatten(), plain.flatten(), dim=0) > 0.98


@pytest.mark.parametrize("name", NAMES)
def test_the_smallest_images_train_and_classify(name: str) -> None:
    """In one test, since some models take a second to make."""
    model, images = small(name)
    check_layouts_and_types(model, images)
    check_training(model, images)


@pytest.mark.parametrize("name", NAMES)
class TestEveryModel:
    def test_its_parameters_are_those_published(self, name: str) -> None:
        spec = find_model(name)
        with torch.device("meta"):
            model = hr.vision.create_model(name)
        assert count(model) == spec.parameters
        assert spec.reference
        images = torch.empty(2, spec.in_channels, *spec.input_size, device="meta")
        assert model.eval()(images).shape == (2, spec.num_classes)

    @pytest.mark.parametrize("size", [(28, 28), (32, 32), (40, 36), (80, 96)])
    def test_images_of_other_sizes_become_logits(self, name: str, size: tuple[int, int]) -> None:
        with torch.device("meta"):
            model = hr.vision.create_model(name, num_classes=7, in_channels=2, input_size=size)
            assert model.eval()(torch.empty(5, 2, *size)).shape == (5, 7)


@pytest.mark.parametrize("name", quick_or_marked())
class TestDeployment:
    def test_the_seed_decides_the_weights(self, name: str) -> None:
        before = torch.get_rng_state()
        first, same, other = (
            nn.utils.parameters_to_vector(hr.vision.create_model(name, seed=seed).parameters())
            for seed in (1, 1, 2)
        )
        assert torch.equal(before, torch.get_rng_state())
        assert torch.equal(first, same)
        assert not torch.equal(first, other)

    @torch.no_grad()
    def test_onnx_runtime_agrees_for_any_batch(self, name: str) -> None:
        model, images = small(name)
        model.eval()
        program = torch.onnx.export(
            model,
            (images,),
            dynamo=True,
            input_names=["images"],
            dynamic_shapes=({0: torch.export.Dim.DYNAMIC},),
            verbose=False,
        )
        assert program is not None
        session = onnxruntime.InferenceSession(program.model_proto.SerializeToString())
        for rows in (1, 3, 8):
            (found,) = session.run(None, {"images": images[:rows].numpy()})
            expected = model(images[:rows])
            scale = expected.abs().max().item()
            torch.testing.assert_close(torch.from_numpy(found), expected, rtol=1e-3, atol=1e-4 * scale)

    @torch.no_grad()
    def test_a_compiled_model_computes_the_same(self, name: str) -> None:
        model, images = small(name)
        expected = model.eval()(images)
        torch.compiler.reset()  # or models before this one count as its versions, of which there may be eight
        compiled = torch.compile(model, fullgraph=True)(images)
        scale = expected.abs().max().item()
        torch.testing.assert_close(compiled, expected, rtol=1e-3, atol=1e-4 * scale)


def stage_shapes(name: str) -> list[tuple[str, int, int]]:
    """(stage, maps or features, side) as the table of a textbook has them."""
    spec = find_model(name)
    with torch.device("meta"):
        model = hr.vision.create_model(name).eval()
    images = torch.empty(1, spec.in_channels, *spec.input_size, device="meta")
    rows: list[tuple[str, int, int]] = []
    for stage, layer in model.named_children():
        images = layer(images)
        rows.append((stage, images.shape[1], images.shape[2] if images.ndim == 4 else 1))
    return rows


LENET = [
    ("In", 1, 32),
    ("C1", 6, 28),
    ("S2", 6, 14),
    ("C3", 16, 10),
    ("S4", 16, 5),
    ("C5", 120, 1),
    ("F6", 84, 1),
]
ALEXNET = [
    *[("C1", 96, 55), ("S2", 96, 27), ("C3", 256, 27), ("S4", 256, 13), ("C5", 384, 13), ("C6", 384, 13)],
    *[("C7", 256, 13), ("S8", 256, 6), ("F9", 4096, 1), ("F10", 4096, 1), ("output", 1000, 1)],
]
ZFNET = [("C1", 96, 110), ("S2", 96, 55), ("C3", 256, 26), ("S4", 256, 13), ("C7", 256, 13), ("S8", 256, 6)]
RESNET = [
    ("conv1", 64, 112),
    ("conv2_x", 64, 56),
    ("conv3_x", 128, 28),
    ("conv4_x", 256, 14),
    ("conv5_x", 512, 7),
]


@pytest.mark.parametrize(
    ("name", "table"),
    [("lenet5_original", LENET), ("alexnet", ALEXNET), ("zfnet", ZFNET), ("resnet34", RESNET)],
)
def test_shapes_are_those_of_the_published_table(name: str, table: list[tuple[str, int, int]]) -> None:
    named = {row[0] for row in table}
    assert [row for row in stage_shapes(name) if row[0] in named] == table


def test_lenet_has_the_published_parameters_by_layer() -> None:
    by_layer = {
        name: count(layer) for name, layer in hr.vision.create_model("lenet5_original").named_children()
    }
    published = {"C1": 156, "S2": 12, "C3": 1516, "S4": 32, "C5": 48120, "F6": 10164}
    assert {name: number for name, number in by_layer.items() if number} == published


def test_lenet_pads_28_pixels_to_32() -> None:
    model = hr.vision.create_model("lenet5")
    assert model[0](torch.ones(1, 1, 28, 28)).shape == (1, 1, 32, 32)
    assert model[0](torch.ones(1, 1, 28, 28)).sum() == 28 * 28


def test_images_too_small_are_refused() -> None:
    with pytest.raises(UsageError, match=r"images of 4x4 pixels are too small for this network .*at '7'"):
        hr.vision.create_model("fashion_cnn", input_size=(4, 4))


def test_images_too_small_for_an_auxiliary_head_are_named_by_their_own_size() -> None:
    with pytest.raises(
        UsageError, match=r"images of 6x6 pixels .* \(nothing is left of an image of 3x3 pixels"
    ):
        hr.vision.create_model("googlenet_auxiliary", input_size=(6, 6))


@pytest.mark.parametrize("numbers", [{"num_classes": 0}, {"in_channels": -1}, {"input_size": (0, 28)}])
def test_numbers_below_one_are_refused(numbers: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="give numbers above zero"):
        hr.vision.create_model("resnet18", **numbers)


def test_an_unknown_name_lists_the_near_ones() -> None:
    with pytest.raises(UsageError, match="no model is named 'lenet'; did you mean 'lenet5'"):
        hr.vision.create_model("lenet")


def test_a_second_model_of_the_same_name_is_an_error() -> None:
    def lenet5(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
        return nn.Linear(in_channels * input_size[0], num_classes)

    with pytest.raises(UsageError, match="'lenet5' is registered already"):
        register_model(input_size=(1, 1), source="none")(lenet5)
