"""Contrast, brightness and lighting."""

import pytest
import torch
from torch import Tensor

from headrace.errors import UsageError
from headrace.vision.augment import Brightness, Contrast, Lighting, compose


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
