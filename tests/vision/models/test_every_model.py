"""Suites over every registered model."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import onnxruntime
import pytest
import torch
from torch import Tensor, nn

import headrace as hr
from headrace.errors import UsageError
from headrace.vision.models import find_model


def count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


NAMES = hr.vision.list_models()


# `make test` exports and compiles these models; `make conformance-vision` all.
QUICK = ("lenet5_original", "resnet18")


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Small images are slower with several threads if other test processes use the same cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def quick_or_marked() -> list[Any]:
    return [pytest.param(name, marks=() if name in QUICK else (pytest.mark.every_model,)) for name in NAMES]


@cache
def smallest(name: str) -> int:
    """Find the side of the smallest square image that a model accepts."""
    for side in range(1, 64):
        try:
            with torch.device("meta"):
                hr.vision.create_model(name, input_size=(side, side))
        except UsageError:
            continue
        return side
    raise AssertionError(f"{name} accepts no image under 64 pixels")


def noise(rows: int, channels: int, side: int) -> Tensor:
    return torch.randn(rows, channels, side, side, generator=torch.Generator().manual_seed(0))


def small(name: str) -> tuple[nn.Module, Tensor]:
    """Create a model for its smallest images, without dropout, and a batch of such images."""
    side = smallest(name)
    model = hr.vision.create_model(name, num_classes=5, in_channels=3, input_size=(side, side))
    for layer in model.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = 0.0
    return model, noise(8, 3, side)


def check_training(model: nn.Module, images: Tensor) -> None:
    """Check that each weight has a gradient and that initial logits are small."""
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
    """Check that channels-last changes nothing and bfloat16 little."""
    plain = model.eval()(images)
    scale = plain.abs().max().item()
    model.to(memory_format=torch.channels_last)
    last = model(images.to(memory_format=torch.channels_last))
    torch.testing.assert_close(last, plain, rtol=1e-4, atol=1e-4 * scale)
    with torch.autocast("cpu", torch.bfloat16):
        coarse = model(images)
    assert torch.cosine_similarity(coarse.float().flatten(), plain.flatten(), dim=0) > 0.98


@pytest.mark.parametrize("name", NAMES)
def test_smallest_images_train_and_classify(name: str) -> None:
    """One test, since some models take a second to create."""
    model, images = small(name)
    check_layouts_and_types(model, images)
    check_training(model, images)


@pytest.mark.parametrize("name", NAMES)
class TestEveryModel:
    def test_parameters_equal_the_published_number(self, name: str) -> None:
        spec = find_model(name)
        with torch.device("meta"):
            model = hr.vision.create_model(name)
        assert count(model) == spec.parameters
        assert spec.reference
        images = torch.empty(2, spec.in_channels, *spec.input_size, device="meta")
        assert model.eval()(images).shape == (2, spec.num_classes)

    @pytest.mark.parametrize("size", [(28, 28), (32, 32), (40, 36), (80, 96)])
    def test_other_image_sizes(self, name: str, size: tuple[int, int]) -> None:
        with torch.device("meta"):
            model = hr.vision.create_model(name, num_classes=7, in_channels=2, input_size=size)
            assert model.eval()(torch.empty(5, 2, *size)).shape == (5, 7)


@pytest.mark.parametrize("name", quick_or_marked())
class TestDeployment:
    def test_the_seed_determines_the_weights(self, name: str) -> None:
        before = torch.get_rng_state()
        first, same, other = (
            nn.utils.parameters_to_vector(hr.vision.create_model(name, seed=seed).parameters())
            for seed in (1, 1, 2)
        )
        assert torch.equal(before, torch.get_rng_state())
        assert torch.equal(first, same)
        assert not torch.equal(first, other)

    @torch.no_grad()
    def test_onnx_runtime_computes_the_same_for_any_batch(self, name: str) -> None:
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
        torch.compiler.reset()  # otherwise earlier models count as recompilations, of which eight are allowed
        compiled = torch.compile(model, fullgraph=True)(images)
        scale = expected.abs().max().item()
        torch.testing.assert_close(compiled, expected, rtol=1e-3, atol=1e-4 * scale)
