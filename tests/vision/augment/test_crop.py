"""Random crops."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import pad

from headrace.vision.augment import RandomCrop, RandomResizedCrop, compose


@pytest.fixture
def images() -> Tensor:
    return torch.rand(5, 3, 12, 9, generator=torch.Generator().manual_seed(0))


def test_a_crop_is_a_window_of_pixels(images: Tensor) -> None:
    crop = compose(RandomCrop(5, 4))
    windows = images.unfold(2, 5, 1).unfold(3, 4, 1)
    positions: set[tuple[int, int]] = set()
    for seed in range(60):
        for image, cropped in zip(windows, crop(images, seed=seed), strict=True):
            found = (image == cropped[:, None, None]).all(0).all(-1).all(-1).nonzero()
            positions |= {(int(row), int(column)) for row, column in found}
    assert positions == {(row, column) for row in range(8) for column in range(6)}


def test_a_padded_crop_extends_over_the_edges(images: Tensor) -> None:
    crop = compose(RandomCrop(12, 9, padding=2), fill="zeros")
    windows = pad(images, (2, 2, 2, 2)).unfold(2, 12, 1).unfold(3, 9, 1)
    for image, cropped in zip(windows, crop(images, seed=1), strict=True):
        assert (image == cropped[:, None, None]).all(0).all(-1).all(-1).sum() == 1


def test_a_resized_crop_is_inside_its_ranges_and_the_image() -> None:
    step = RandomResizedCrop(10, 10, area=(0.25, 0.5), aspect=(0.5, 2))
    maps, size = step.sample(2000, (40, 60), torch.Generator().manual_seed(0))
    assert size == (10, 10)
    width, height = maps[:, 0, 0] * 10, maps[:, 1, 1] * 10
    area = width * height / (40 * 60)
    assert area.max() <= 0.5 + 1e-5
    assert area.min() < 0.27
    assert (maps[:, 0, 2].abs() + width / 2).max() <= 30 + 1e-4
    assert (maps[:, 1, 2].abs() + height / 2).max() <= 20 + 1e-4
    assert (width / height).max() <= 2 + 1e-4
