"""Random crops."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import pad

from headrace.vision.augment import Flip, RandomCrop, RandomResizedCrop, compose


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
    assert (abs(maps[:, 0, 2]) + width / 2).max() <= 30 + 1e-4
    assert (abs(maps[:, 1, 2]) + height / 2).max() <= 20 + 1e-4
    assert (width / height).max() <= 2 + 1e-4


def test_a_crop_equals_a_slice(images: Tensor) -> None:
    bytes_ = (images * 255).to(torch.uint8)
    for batch in (images, bytes_):
        for image, cropped in zip(batch, compose(RandomCrop(5, 4))(batch, seed=0), strict=True):
            slices = [image[:, row : row + 5, column : column + 4] for row in range(8) for column in range(6)]
            assert any(torch.equal(cropped, each) for each in slices)


@pytest.mark.parametrize(("fill", "mode"), [("edge", "replicate"), ("zeros", "constant"), (7, "constant")])
def test_a_crop_of_a_padded_uint8_image(fill: Any, mode: str) -> None:
    batch = torch.randint(256, (40, 3, 20, 17), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    value = {"value": 7.0} if fill == 7 else {}
    windows = pad(batch.float(), (4,) * 4, mode=mode, **value).unfold(2, 20, 1).unfold(3, 17, 1)
    flipped = windows.flip(5)
    for number, cropped in enumerate(
        compose(Flip(), RandomCrop(20, 17, padding=4), fill=fill)(batch, seed=0)
    ):
        found = [
            (each[number] == cropped[:, None, None]).all(0).all(-1).all(-1).sum()
            for each in (windows, flipped)
        ]
        assert sum(found) == 1
