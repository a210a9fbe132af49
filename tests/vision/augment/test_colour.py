"""Steps that change values."""

import colorsys

import pytest
import torch
from torch import Tensor

from headrace.errors import UsageError
from headrace.vision.augment import (
    Brightness,
    Contrast,
    Flip,
    GaussianBlur,
    Hue,
    Lighting,
    RandomCrop,
    RandomResizedCrop,
    Rotate,
    Saturation,
    Shear,
    Shift,
    Zoom,
    compose,
)
from headrace.vision.augment.augmentation import Step


@pytest.fixture
def images() -> Tensor:
    return torch.rand(6, 3, 10, 8, generator=torch.Generator().manual_seed(0))


def test_contrast_scales_the_distance_from_the_mean(images: Tensor) -> None:
    more = compose(Contrast((1.5, 1.5)))(images, seed=0)
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    assert torch.allclose(more, mean + 1.5 * (images - mean), atol=1e-6)


def test_brightness_is_added(images: Tensor) -> None:
    lighter = compose(Brightness((0.25, 0.25)))(images, seed=0)
    assert torch.allclose(lighter, images + 0.25, atol=1e-6)
    bytes_ = (images * 200).to(torch.uint8)
    assert torch.equal(compose(Brightness((0.2, 0.2)))(bytes_, seed=0), bytes_ + 51)


def test_colour_steps_keep_their_order(images: Tensor) -> None:
    darker, more = Brightness((-0.5, -0.5)), Contrast((2, 2))
    first, second = compose(darker, more), compose(more, darker)
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    assert torch.allclose(first(images, seed=0), mean - 0.5 + 2 * (images - mean), atol=1e-5)
    assert torch.allclose(
        first(images, seed=0), second(images, seed=0), atol=1e-5
    )  # changes about the mean commute


def test_values_are_clipped_to_the_limits(images: Tensor) -> None:
    lighter = compose(Brightness((0.5, 0.5)), limits=(0, 1))(images, seed=0)
    assert torch.allclose(lighter, (images + 0.5).clamp(max=1), atol=1e-6)
    assert compose(Brightness((1, 1)))((images * 255).to(torch.uint8), seed=0).min() == 255


def test_lighting_components_are_the_principal_components_of_the_pixels(images: Tensor) -> None:
    mixed = torch.einsum("dc,nchw->ndhw", torch.tensor([[1.0, 0, 0], [0.9, 0.1, 0], [0.5, 0, 0.2]]), images)
    components = torch.tensor(Lighting.from_images(mixed).components, dtype=torch.float64)
    pixels = mixed.transpose(0, 1).flatten(1).double()
    assert torch.allclose(components.T @ components, torch.cov(pixels, correction=0))
    assert torch.allclose(components @ components.T, torch.diag((components**2).sum(1)), atol=1e-12)
    lengths = components.norm(dim=1).tolist()
    assert lengths == sorted(lengths, reverse=True)
    assert (components.sum(1) >= 0).all()


def test_lighting_is_constant_over_an_image_with_the_given_deviation() -> None:
    black = torch.zeros(4000, 2, 2, 2)
    lit = compose(Lighting(((0.6, 0.8), (-0.08, 0.06)), deviation=0.5))(black, seed=0)
    assert (lit == lit[:, :, :1, :1]).all()
    covariance = torch.cov(lit[:, :, 0, 0].T)
    components = torch.tensor([[0.6, 0.8], [-0.08, 0.06]]) * 0.5
    assert torch.allclose(covariance, components.T @ components, atol=0.01)


def test_lighting_components_of_other_channels_are_rejected(images: Tensor) -> None:
    with pytest.raises(
        UsageError, match=r"expected images of 2 channels, .* got 3; compute the components from such"
    ):
        compose(Lighting(((1.0, 0.0),)))(images, seed=0)


class TestHue:
    def test_turns_the_hue_of_hsv(self) -> None:
        pixels = torch.rand(1, 3, 6, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
        pixels[0, :, 0, :3] = torch.eye(3)  # pure colours
        for degrees in (-90.0, 40.0, 120.0, 300.0):
            turned = compose(Hue((degrees, degrees)))(pixels, seed=0)
            for red_green_blue, found in zip(pixels[0].flatten(1).T, turned[0].flatten(1).T, strict=True):
                hue, saturation, value = colorsys.rgb_to_hsv(*red_green_blue.tolist())
                expected = colorsys.hsv_to_rgb((hue + degrees / 360) % 1, saturation, value)
                assert found.tolist() == pytest.approx(expected, abs=1e-6)

    @pytest.mark.parametrize("degrees", [0, 360, -360, 3600])
    def test_a_full_circle_is_the_identity(self, degrees: float) -> None:
        levels = torch.randint(256, (8, 3, 9, 9), dtype=torch.uint8)
        turned = compose(Hue((degrees, degrees)))(levels, seed=0)
        assert torch.equal(turned, levels)
        assert torch.allclose(compose(Hue((degrees, degrees)))(levels / 255, seed=0), levels / 255, atol=1e-6)

    def test_values_below_zero_keep_their_range(self, images: Tensor) -> None:
        standardised = (images - 0.5) * 4
        turned = compose(Hue((77, 77)))(standardised, seed=0)
        assert torch.allclose(turned, (compose(Hue((77, 77)))(images, seed=0) - 0.5) * 4, atol=1e-5)


class TestSaturation:
    def test_zero_makes_images_grey(self, images: Tensor) -> None:
        grey = compose(Saturation((0, 0)))(images, seed=0)
        weights = torch.tensor([0.299, 0.587, 0.114])[:, None, None]
        assert torch.allclose(grey, (images * weights).sum(1, keepdim=True).expand(-1, 3, -1, -1), atol=1e-6)

    def test_grey_images_are_unchanged(self) -> None:
        grey = torch.rand(3, 1, 4, 4)
        assert torch.equal(compose(Saturation((2, 2)), Hue((90, 90)))(grey, seed=0), grey)
        assert torch.allclose(
            compose(Saturation((2, 2)))(grey.expand(-1, 3, -1, -1), seed=0),
            grey.expand(-1, 3, -1, -1),
            atol=1e-6,
        )


@pytest.mark.parametrize(
    "step",
    [
        Contrast(0),
        Brightness(0),
        Saturation(0),
        Hue(0),
        GaussianBlur(0),
        Lighting(((1.0, 1.0, 1.0),), deviation=0),
        Rotate(0),
        Shear(0),
        Shift(0),
        Zoom(0),
        Flip(0.0),
        RandomCrop(10, 8),
        RandomResizedCrop(10, 8, area=(1, 1), aspect=(0.8, 0.8)),
    ],
    ids=repr,
)
def test_a_strength_of_zero_is_the_identity(step: Step, images: Tensor) -> None:
    levels = (images * 255).round().to(torch.uint8)
    assert torch.equal(compose(step)(levels, seed=0), levels)
    assert torch.allclose(compose(step)(images, seed=0), images, atol=1e-6)


def test_blur_is_a_gaussian() -> None:
    point = torch.zeros(1, 1, 21, 21)
    point[..., 10, 10] = 1
    blurred = compose(GaussianBlur(1.5))(point, seed=0)[0, 0].double()
    weights = torch.exp(-(torch.arange(-10, 11).double() ** 2) / (2 * 1.5**2)) * (
        torch.arange(-10, 11).abs() <= 5
    )
    weights /= weights.sum()
    assert torch.allclose(blurred, weights[:, None] * weights, atol=1e-6)


def test_blur_repeats_the_edge_of_tiny_images() -> None:
    flat = torch.full((2, 3, 1, 2), 200, dtype=torch.uint8)
    assert torch.equal(compose(GaussianBlur(50))(flat, seed=0), flat)


def test_some_images_are_blurred(images: Tensor) -> None:
    many = images[:1].expand(2000, -1, -1, -1)
    changed = (compose(GaussianBlur(1, probability=0.3))(many, seed=0) != many).flatten(1).any(1)
    assert changed.float().mean().item() == pytest.approx(0.3, abs=0.04)
