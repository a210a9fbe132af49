"""The first layer of a network, whitened from images."""

import pytest
import torch
from torch import Tensor, nn

from headrace.errors import HeadraceError
from headrace.vision import create_model, whiten_first_layer


def smooth_images(channels: int = 3) -> Tensor:
    """Images whose neighbouring pixels and channels are alike, as those of photographs are."""
    noise = torch.randn(200, channels, 12, 12, generator=torch.Generator().manual_seed(0))
    return noise.cumsum(-1).cumsum(-2) / 4 + noise[:, :1].cumsum(-1) + 0.5


def covariance(network: nn.Module, images: Tensor) -> Tensor:
    """Return the covariance of the maps of the first convolution, over all images and positions."""
    layer = next(each for each in network.modules() if isinstance(each, nn.Conv2d))
    with torch.no_grad():
        return torch.cov(layer(images).transpose(0, 1).flatten(1))


@pytest.mark.parametrize("channels", [1, 3])
def test_maps_of_one_sign_are_uncorrelated_with_variance_one(channels: int) -> None:
    network = create_model("airbench94", in_channels=channels, input_size=(12, 12))
    images = smooth_images(channels)
    whiten_first_layer(network, images, epsilon=1e-9)
    half = 4 * channels
    maps = covariance(network, images)
    torch.testing.assert_close(maps[:half, :half], torch.eye(half), atol=1e-3, rtol=0)
    torch.testing.assert_close(maps[:half, half:], -torch.eye(half), atol=1e-3, rtol=0)


def test_fewer_filters_are_those_of_the_largest_variance() -> None:
    images = smooth_images()
    full, few = nn.Conv2d(3, 24, 2), nn.Conv2d(3, 4, 2)
    whiten_first_layer(full, images)
    whiten_first_layer(few, images)
    assert torch.equal(few.weight[:2], full.weight[:2])
    patches = nn.functional.unfold(images, 2).transpose(0, 1).flatten(1)
    deviations = 1 / full.weight[:12].flatten(1).norm(dim=1)
    assert torch.equal(deviations.sort(descending=True).values, deviations)
    torch.testing.assert_close(deviations.square().sum(), torch.cov(patches).trace(), rtol=1e-3, atol=0)


def test_a_constant_direction_does_not_blow_up() -> None:
    grey = smooth_images(1).expand(-1, 3, -1, -1)
    layer = nn.Conv2d(3, 24, 2)
    whiten_first_layer(layer, grey)
    assert layer.weight.flatten(1).norm(dim=1).max() <= 1 / 5e-4**0.5 + 1e-3


def test_the_filters_are_frozen_and_the_biases_are_not() -> None:
    network = create_model("airbench94", input_size=(12, 12))
    whiten_first_layer(network, smooth_images())
    frozen = [name for name, each in network.named_parameters() if not each.requires_grad]
    assert frozen == ["whiten.conv.weight"]


IMAGES = torch.zeros(4, 3, 8, 8)
CASES = {
    "no convolution": (nn.Linear(3, 3), IMAGES, "no convolution to whiten"),
    "filters": (nn.Conv2d(3, 26, 2), IMAGES, "even number of filters up to 24 in one group.*got 26 in 1"),
    "odd": (nn.Conv2d(3, 5, 2), IMAGES, "got 5 in 1"),
    "groups": (nn.Conv2d(3, 6, 2, groups=3), IMAGES, "got 6 in 3"),
    "not images": (nn.Conv2d(3, 24, 2), IMAGES[0], "expected images, got"),
    "channels": (nn.Conv2d(1, 8, 2), IMAGES, "expected images of 1 channels and 2x2 pixels or more"),
    "pixels": (nn.Conv2d(3, 24, 9), IMAGES, "9x9 pixels or more"),
    "no images": (nn.Conv2d(3, 24, 2), IMAGES[:0], "or more, got \\[0, 3, 8, 8\\]"),
    "not finite": (nn.Conv2d(3, 24, 2), IMAGES / 0, "the images are not finite"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_cannot_be_whitened_is_one_clear_line(case: str) -> None:
    network, images, message = CASES[case]
    with pytest.raises(HeadraceError, match=message) as raised:
        whiten_first_layer(network, images)
    assert "\n" not in str(raised.value)
