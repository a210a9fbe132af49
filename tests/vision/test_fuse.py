"""A fused network computes the same outputs."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from headrace.errors import UsageError
from headrace.vision import FlipAveraging, cost, create_model, fuse
from headrace.vision.fuse import FusedConv, FusedResidual
from headrace.vision.layers import BottleneckUnit, ConvNorm, Residual, SeparableNorm, build

NAMES = ("vgg11", "googlenet_bn", "resnet18", "resnet50", "se_resnet50", "xception", "inception_resnet_v2")


def with_statistics(model: nn.Module) -> nn.Module:
    """Batch normalisations with statistics other than 0 and 1, as after training."""
    generator = torch.Generator().manual_seed(1)
    for norm in (each for each in model.modules() if isinstance(each, nn.BatchNorm2d)):
        for values, low, high in ((norm.running_mean, -0.5, 0.5), (norm.running_var, 0.5, 2.0)):
            assert values is not None
            values.uniform_(low, high, generator=generator)
        nn.init.uniform_(norm.bias, -0.2, 0.2, generator=generator)
    return model.eval()


def answers(model: nn.Module, images: Tensor) -> Tensor:
    with torch.inference_mode():
        return model(images.clone())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("one_pass", [True, False])
def test_outputs_equal_the_model_s(name: str, one_pass: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: one_pass)
    model = with_statistics(create_model(name, num_classes=10, input_size=(96, 96)))
    images = torch.randn(2, 3, 96, 96, generator=torch.Generator().manual_seed(0))
    expected = answers(model, images)
    torch.testing.assert_close(
        answers(fuse(model), images), expected, rtol=1e-3, atol=1e-4 * expected.abs().max().item()
    )


def test_norms_and_sums_are_fused() -> None:
    model = fuse(create_model("resnet50", num_classes=10))
    kinds = [type(each) for each in model.modules()]
    assert not {nn.BatchNorm2d, nn.ReLU, Residual} & set(kinds)
    assert kinds.count(FusedConv) == 53
    assert kinds.count(FusedResidual) == 16


@pytest.mark.parametrize(
    "spec",
    [BottleneckUnit(4), BottleneckUnit(8, stride=2, reduction=4), ConvNorm(8, 3, 2), SeparableNorm(8, 3)],
)
@pytest.mark.parametrize("size", [9, 10])
def test_single_units(spec: BottleneckUnit | ConvNorm | SeparableNorm, size: int) -> None:
    unit = with_statistics(build(spec, 16, (size, size)))
    maps = torch.randn(2, 16, size, size)
    torch.testing.assert_close(answers(fuse(unit), maps), answers(unit, maps), rtol=1e-4, atol=1e-5)


def test_other_layers_are_unchanged() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Tanh()).eval()
    images = torch.randn(1, 3, 8, 8)
    assert [type(each) for each in fuse(model)] == [nn.Conv2d, nn.BatchNorm2d, nn.Tanh]  # type: ignore[attr-defined]
    torch.testing.assert_close(answers(fuse(model), images), answers(model, images))


def test_the_model_is_not_changed() -> None:
    model = FlipAveraging(create_model("small_se_resnet", num_classes=10, input_size=(32, 32))).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    copy = fuse(model)
    assert model.training
    assert not copy.training
    torch.testing.assert_close(model.state_dict(), before, rtol=0, atol=0)
    images = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(answers(copy, images), answers(model.eval(), images), rtol=1e-4, atol=1e-5)


def test_other_image_sizes_and_copies() -> None:
    model = with_statistics(create_model("resnet18", num_classes=10, input_size=(64, 64)))
    network = fuse(model)
    for each, shape in (
        (network, (2, 3, 64, 64)),
        (network, (3, 3, 33, 47)),
        (deepcopy(network), (1, 3, 64, 64)),
    ):
        images = torch.randn(shape)
        torch.testing.assert_close(answers(each, images), answers(model, images), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_dtypes_changed_before_and_after_fusing(dtype: torch.dtype) -> None:
    model = with_statistics(create_model("resnet18", num_classes=10, input_size=(32, 32)))
    images, network = torch.randn(2, 3, 32, 32), fuse(model)
    expected = answers(model, images)
    answers(network, images)
    for each in (fuse(model.to(dtype)), network.to(dtype)):
        found = answers(each, images.to(dtype))
        assert found.dtype == dtype
        torch.testing.assert_close(found.float(), expected, rtol=0.1, atol=0.1 * expected.abs().max().item())


def test_a_half_model() -> None:
    """oneDNN convolves float16 on few processors; elsewhere the operations are separate."""
    unit = with_statistics(build(BottleneckUnit(4), 16, (9, 9))).half()
    maps = torch.randn(2, 16, 9, 9).half()
    for each in (fuse(unit), fuse(unit.float()).half()):
        found = answers(each, maps)
        assert found.dtype == torch.float16
        torch.testing.assert_close(found.float(), answers(unit.float(), maps.float()), rtol=1e-2, atol=1e-2)


def test_images_of_another_dtype_are_an_error_as_in_the_model() -> None:
    unit = fuse(build(ConvNorm(8, 3), 3, (9, 9)))
    with pytest.raises(RuntimeError, match="should be the same"):
        answers(unit, torch.zeros(1, 3, 9, 9).half())


def test_gradients_of_a_fused_network() -> None:
    unit = with_statistics(build(BottleneckUnit(4), 16, (9, 9)))
    maps = torch.randn(2, 16, 9, 9)
    gradients = []
    for each in (unit, fuse(unit)):
        pixels = maps.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(each(pixels).square().sum(), pixels)
        gradients.append(gradient)
    torch.testing.assert_close(gradients[1], gradients[0], rtol=1e-3, atol=1e-4)


def test_the_cost_of_a_fused_network() -> None:
    model = create_model("small_se_resnet", num_classes=10, input_size=(32, 32))
    fused, plain = cost(fuse(model), (3, 32, 32)), cost(model, (3, 32, 32))
    assert fused.macs == plain.macs
    assert fused.trained_bytes == 0


def test_weights_loaded_after_the_first_batch_are_used() -> None:
    first, second = (with_statistics(build(ConvNorm(8, 3), 3, (9, 9))) for _ in range(2))
    maps = torch.randn(1, 3, 9, 9)
    network = fuse(first)
    answers(network, maps)
    network.load_state_dict(fuse(second).state_dict())
    torch.testing.assert_close(answers(network, maps), answers(second, maps), rtol=1e-4, atol=1e-5)


def test_norms_without_running_statistics_are_kept() -> None:
    unit = build(ConvNorm(8, 3), 3, (9, 9))
    unit.norm = nn.BatchNorm2d(8, track_running_stats=False)
    maps = torch.randn(2, 3, 9, 9)
    torch.testing.assert_close(answers(fuse(unit), maps), answers(unit.eval(), maps))


def test_a_fused_shortcut_does_not_broadcast() -> None:
    unit = fuse(Residual(build(ConvNorm(8, 1, activation=None), 1), nn.Identity()))
    with pytest.raises(UsageError, match="expected one output shape of body and shortcut"):
        answers(unit, torch.zeros(1, 1, 4, 4))


@pytest.mark.parametrize("model", ["resnet18", None, {}])
def test_other_objects_are_refused(model: Any) -> None:
    with pytest.raises(UsageError, match="model: expected a module, got"):
        fuse(model)


def test_an_empty_batch() -> None:
    network = fuse(create_model("resnet18", num_classes=10, input_size=(32, 32)))
    assert answers(network, torch.zeros(0, 3, 32, 32)).shape == (0, 10)


def test_a_model_on_another_device_is_rejected() -> None:
    with pytest.raises(UsageError, match=r"got one on meta.*model.cpu\(\)"):
        fuse(create_model("lenet5", num_classes=10, input_size=(28, 28), in_channels=1).to("meta"))
