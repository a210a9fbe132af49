"""Geometric steps, against the same moves by other means."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from headrace.errors import UsageError
from headrace.vision.augment import (
    Flip,
    RandomCrop,
    RandomResizedCrop,
    Resize,
    Rotate,
    Shear,
    Shift,
    Zoom,
    compose,
)


@pytest.fixture
def images() -> Tensor:
    return torch.rand(5, 3, 12, 9, generator=torch.Generator().manual_seed(0))


def close(found: Tensor, expected: Tensor) -> bool:
    return torch.allclose(found, expected, atol=1e-5)


def test_positive_rotations_are_counter_clockwise() -> None:
    square = torch.rand(2, 3, 7, 7)
    assert close(compose(Rotate((90, 90)))(square, seed=0), square.rot90(1, (2, 3)))


def test_flips_reverse_columns_and_rows(images: Tensor) -> None:
    assert torch.equal(compose(Flip(1.0))(images, seed=0), images.flip(3))
    assert torch.equal(compose(Flip(0.0, vertical=1.0))(images, seed=0), images.flip(2))


def test_a_flip_has_the_given_probability() -> None:
    images = torch.tensor([0.0, 1.0]).expand(4000, 1, 1, 2)
    flipped = compose(Flip(0.3))(images, seed=0)[:, 0, 0, 0]
    assert flipped.mean().item() == pytest.approx(0.3, abs=0.03)


def test_positive_shifts_are_right_and_down(images: Tensor) -> None:
    right, down = (2 / 9, 2 / 9), (3 / 12, 3 / 12)
    moved = compose(Shift(right, down))(images, seed=0)
    assert close(moved[:, :, 3:, 2:], images[:, :, :-3, :-2])
    assert close(moved[:, :, :3, 2:], images[:, :, :1, :-2].expand(-1, -1, 3, -1))  # the edge is repeated


@pytest.mark.parametrize(("fill", "outside"), [("edge", 3.0), ("zeros", 0.0), ("reflect", 2.0)])
def test_fill_defines_the_pixels_outside(fill: str, outside: float) -> None:
    row = torch.tensor([3.0, 2.0, 1.0, 0.0]).reshape(1, 1, 1, 4)
    moved = compose(Shift((0.5, 0.5), (0, 0)), fill=fill)(row, seed=0)  # pyright: ignore[reportArgumentType]
    assert moved.flatten().tolist() == pytest.approx([outside, 3.0 if outside else 0.0, 3.0, 2.0], abs=1e-5)


def test_a_zoom_by_two_shows_the_centre(images: Tensor) -> None:
    even = images[:, :, :, :8]
    twice = interpolate(even, scale_factor=2, mode="bilinear")
    assert close(compose(Zoom((2, 2)))(even, seed=0), twice[:, :, 6:18, 4:12])


@pytest.mark.parametrize("size", [(12, 9), (24, 18), (17, 20), (7, 8)])
def test_resize_is_bilinear(images: Tensor, size: tuple[int, int]) -> None:
    assert close(compose(Resize(*size))(images, seed=0), interpolate(images, size, mode="bilinear"))


def test_resize_to_a_whole_fraction_averages(images: Tensor) -> None:
    assert close(compose(Resize(4, 3))(images, seed=0), avg_pool2d(images, 3))
    assert close(compose(Resize(24, 18), Resize(6, 9))(images, seed=0), avg_pool2d(images, (2, 1)))


def test_resize_does_not_alias_a_fine_pattern() -> None:
    pattern = (torch.arange(64) % 2).float().expand(1, 1, 64, 64)
    small = compose(Resize(20, 20))(pattern, seed=0)
    assert (small - 0.5).abs().max() < 0.2


def test_impossible_steps_are_rejected(images: Tensor) -> None:
    with pytest.raises(
        UsageError, match="a window of 13x9 pixels does not fit images of 12x9; choose a smaller window"
    ):
        compose(RandomCrop(13, 9))(images, seed=0)
    with pytest.raises(UsageError, match="expected positive factors of Zoom, got -1"):
        compose(Zoom(2.0))(images, seed=0)
    with pytest.raises(UsageError, match="the range from 3 to 1 is empty"):
        compose(Rotate((3, 1)))(images, seed=0)
    with pytest.raises(UsageError, match="pass areas between 0 and 1"):
        compose(RandomResizedCrop(4, 4, area=(0.5, 2)))(images, seed=0)


@pytest.mark.parametrize("step", [Flip(1.0), Flip(0.0, vertical=1.0), Flip(1.0, vertical=1.0)])
def test_two_flips_are_the_identity(step: Flip, images: Tensor) -> None:
    levels = (images * 255).to(torch.uint8)
    flip = compose(step)
    assert torch.equal(flip(flip(levels, seed=0), seed=1), levels)
    assert torch.equal(compose(step, step)(images, seed=0), images)


def test_a_shear_moves_rows_by_their_distance_from_the_centre(images: Tensor) -> None:
    sheared = compose(Shear((1, 1), (0, 0)), fill="zeros")(images, seed=0)
    for row in range(12):
        shift = row - 5.5  # half pixels: the mean of two neighbours
        left, right = (torch.roll(images[:, :, row], int(shift + half), dims=2) for half in (-0.5, 0.5))
        inner = slice(6, 9) if shift > 0 else slice(0, 3)
        assert close(sheared[:, :, row, inner], ((left + right) / 2)[:, :, inner])
    assert close(compose(Shear((1, 1), (0, 0)), Shear((-1, -1), (0, 0)))(images, seed=0), images)


def test_shears_are_positive_down_and_right() -> None:
    image = torch.zeros(1, 1, 9, 9)
    image[..., 6, 4] = 1  # below the centre
    assert compose(Shear((1, 1), (0, 0)))(image, seed=0)[0, 0, 6, 6] == 1
    image = image.transpose(2, 3)
    assert compose(Shear((0, 0), (1, 1)))(image, seed=0)[0, 0, 6, 6] == 1


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.float64])
def test_outside_pixels_have_the_value_of_their_channel(dtype: torch.dtype) -> None:
    image = torch.full((1, 3, 4, 4), 9).to(dtype)
    moved = compose(Shift((0.5, 0.5), (0, 0)), fill=(1, 2, 3))(image, seed=0)
    assert moved[0, :, 0].tolist() == [[1, 1, 9, 9], [2, 2, 9, 9], [3, 3, 9, 9]]
    listed: Any = [1, 2, 3]
    assert compose(Shift(), fill=listed) == compose(Shift(), fill=(1, 2, 3))
