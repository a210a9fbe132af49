"""Moves of pixels, against the same moves by other means."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import affine_grid, avg_pool2d, grid_sample, interpolate, pad

from headrace.errors import UsageError
from headrace.vision.augment import Flip, RandomCrop, RandomResizedCrop, Resize, Rotate, Shift, Zoom, compose
from headrace.vision.augment.resample import resample


@pytest.fixture
def images() -> Tensor:
    return torch.rand(5, 3, 12, 9, generator=torch.Generator().manual_seed(0))


def close(one: Tensor, other: Tensor) -> bool:
    return torch.allclose(one, other, atol=1e-5)


def test_a_quarter_turn_is_counter_clockwise() -> None:
    square = torch.rand(2, 3, 7, 7)
    assert close(compose(Rotate((90, 90)))(square, seed=0), square.rot90(1, (2, 3)))


def test_flips(images: Tensor) -> None:
    assert torch.equal(compose(Flip(1.0))(images, seed=0), images.flip(3))
    assert torch.equal(compose(Flip(0.0, vertical=1.0))(images, seed=0), images.flip(2))


def test_a_flip_is_as_probable_as_it_says() -> None:
    images = torch.tensor([0.0, 1.0]).expand(4000, 1, 1, 2)
    flipped = compose(Flip(0.3))(images, seed=0)[:, 0, 0, 0]
    assert flipped.mean().item() == pytest.approx(0.3, abs=0.03)


def test_a_shift_goes_right_and_down(images: Tensor) -> None:
    right, down = (2 / 9, 2 / 9), (3 / 12, 3 / 12)
    moved = compose(Shift(right, down))(images, seed=0)
    assert close(moved[:, :, 3:, 2:], images[:, :, :-3, :-2])
    assert close(moved[:, :, :3, 2:], images[:, :, :1, :-2].expand(-1, -1, 3, -1))  # the edge goes on


@pytest.mark.parametrize(("fill", "outside"), [("edge", 3.0), ("zeros", 0.0), ("reflect", 2.0)])
def test_what_is_outside(fill: str, outside: float) -> None:
    row = torch.tensor([3.0, 2.0, 1.0, 0.0]).reshape(1, 1, 1, 4)
    moved = compose(Shift((0.5, 0.5), (0, 0)), fill=fill)(row, seed=0)  # pyright: ignore[reportArgumentType]
    assert moved.flatten().tolist() == pytest.approx([outside, 3.0 if outside else 0.0, 3.0, 2.0], abs=1e-5)


def test_a_zoom_to_twice_the_size_shows_the_middle(images: Tensor) -> None:
    even = images[:, :, :, :8]
    twice = interpolate(even, scale_factor=2, mode="bilinear")
    assert close(compose(Zoom((2, 2)))(even, seed=0), twice[:, :, 6:18, 4:12])


@pytest.mark.parametrize("size", [(12, 9), (24, 18), (17, 20), (7, 8)])
def test_resize_is_bilinear(images: Tensor, size: tuple[int, int]) -> None:
    assert close(compose(Resize(*size))(images, seed=0), interpolate(images, size, mode="bilinear"))


def test_resize_to_a_whole_fraction_averages(images: Tensor) -> None:
    assert close(compose(Resize(4, 3))(images, seed=0), avg_pool2d(images, 3))
    assert close(compose(Resize(24, 18), Resize(6, 9))(images, seed=0), avg_pool2d(images, (2, 1)))


def test_a_fine_pattern_does_not_come_out_as_stripes() -> None:
    pattern = (torch.arange(64) % 2).float().expand(1, 1, 64, 64)
    small = compose(Resize(20, 20))(pattern, seed=0)
    assert (small - 0.5).abs().max() < 0.2


def test_a_crop_is_a_window_of_pixels(images: Tensor) -> None:
    crop = compose(RandomCrop(5, 4))
    windows = images.unfold(2, 5, 1).unfold(3, 4, 1)
    places: set[tuple[int, int]] = set()
    for seed in range(60):
        for image, cropped in zip(windows, crop(images, seed=seed), strict=True):
            found = (image == cropped[:, None, None]).all(0).all(-1).all(-1).nonzero()
            places |= {(int(row), int(column)) for row, column in found}
    assert places == {(row, column) for row in range(8) for column in range(6)}


def test_a_padded_crop_stands_out(images: Tensor) -> None:
    crop = compose(RandomCrop(12, 9, padding=2), fill="zeros")
    windows = pad(images, (2, 2, 2, 2)).unfold(2, 12, 1).unfold(3, 9, 1)
    for image, cropped in zip(windows, crop(images, seed=1), strict=True):
        assert (image == cropped[:, None, None]).all(0).all(-1).all(-1).sum() == 1


def test_a_resized_crop_keeps_to_its_area_and_to_the_image() -> None:
    step = RandomResizedCrop(10, 10, area=(0.25, 0.5), aspect=(0.5, 2))
    maps, size = step.view(2000, (40, 60), torch.Generator().manual_seed(0))
    assert size == (10, 10)
    width, height = maps[:, 0, 0] * 10, maps[:, 1, 1] * 10
    area = width * height / (40 * 60)
    assert area.max() <= 0.5 + 1e-5
    assert area.min() < 0.27
    assert (maps[:, 0, 2].abs() + width / 2).max() <= 30 + 1e-4
    assert (maps[:, 1, 2].abs() + height / 2).max() <= 20 + 1e-4
    assert (width / height).max() <= 2 + 1e-4


def test_steps_are_one_resampling(images: Tensor) -> None:
    """A turn there and back loses nothing in between."""
    there_and_back = compose(Rotate((30, 30)), Zoom((3, 3)), Zoom((1 / 3, 1 / 3)), Rotate((-30, -30)))
    assert close(there_and_back(images, seed=0), images)


def test_steps_keep_their_order(images: Tensor) -> None:
    right, turn = Shift((2 / 9, 2 / 9), (0, 0)), Rotate((180, 180))
    first = compose(right, turn)(images, seed=0)  # 2 pixels to the right, which is the left after half a turn
    assert close(first[:, :, :, :-2], images.rot90(2, (2, 3))[:, :, :, 2:])


def test_the_resampling_is_torch_s_affine_grid() -> None:
    images, maps = torch.rand(6, 2, 11, 7), torch.eye(3) + 0.2 * torch.randn(6, 3, 3)
    maps[:, 2] = torch.tensor([0.0, 0.0, 1.0])
    ours = resample(images, maps, (8, 10), nearest=False, fill="reflect")
    to_halves, from_halves = (
        torch.diag(torch.tensor([2 / 7, 2 / 11, 1])),
        torch.diag(torch.tensor([5, 4, 1.0])),
    )
    grid = affine_grid((to_halves @ maps @ from_halves)[:, :2], [6, 2, 8, 10], align_corners=False)
    assert close(ours, grid_sample(images, grid, padding_mode="reflection", align_corners=False))


def test_steps_that_cannot_be_done(images: Tensor) -> None:
    with pytest.raises(UsageError, match="a window of 13x9 pixels in images of 12x9; choose a smaller one"):
        compose(RandomCrop(13, 9))(images, seed=0)
    with pytest.raises(UsageError, match="a zoom by -1"):
        compose(Zoom(2.0))(images, seed=0)
    with pytest.raises(UsageError, match="the range from 3 to 1 is empty"):
        compose(Rotate((3, 1)))(images, seed=0)
    with pytest.raises(UsageError, match="give areas between 0 and 1"):
        compose(RandomResizedCrop(4, 4, area=(0.5, 2)))(images, seed=0)
