"""A fused network computes the same outputs."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn

from headrace.errors import UsageError
from headrace.vision import FlipAveraging, create_model, fuse
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


def test_an_empty_batch() -> None:
    network = fuse(create_model("resnet18", num_classes=10, input_size=(32, 32)))
    assert answers(network, torch.zeros(0, 3, 32, 32)).shape == (0, 10)


def test_a_model_on_another_device_is_rejected() -> None:
    with pytest.raises(UsageError, match=r"got one on meta.*model.cpu\(\)"):
        fuse(create_model("lenet5", num_classes=10, input_size=(28, 28), in_channels=1).to("meta"))
