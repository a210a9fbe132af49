"""Flips that alternate by epochs."""

import numpy as np
import pytest
import torch
from torch import Tensor

import headrace as hr
from headrace.vision.augment import Flip, RandomCrop, compose

ALTERNATING = compose(Flip(alternate=True))


@pytest.fixture(scope="module")
def images() -> Tensor:
    return torch.randint(0, 256, (400, 3, 5, 7), generator=torch.Generator().manual_seed(0)).to(torch.uint8)


def flipped(images: Tensor, epoch: int, seed: int = 0) -> Tensor:
    """Return which images are flipped, bool [N]; all others must be unchanged."""
    found = ALTERNATING(images, seed=seed, epoch=epoch)
    is_flipped = (found == images.flip(-1)).flatten(1).all(dim=1)
    is_kept = (found == images).flatten(1).all(dim=1)
    assert (is_flipped ^ is_kept).all()
    return is_flipped


def test_each_image_is_flipped_in_every_other_epoch(images: Tensor) -> None:
    even, odd = flipped(images, 0), flipped(images, 1, seed=5)
    assert torch.equal(even, ~odd)
    assert torch.equal(flipped(images, 2, seed=9), even)
    assert 160 < even.sum().item() < 240


def test_an_image_is_recognised_in_any_batch_order_and_type(images: Tensor) -> None:
    expected = flipped(images, 0)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(1))
    assert torch.equal(flipped(images[order], 0), expected[order])
    assert torch.equal(flipped(images[7:8], 0), expected[7:8])
    last = images.to(memory_format=torch.channels_last)
    for same in (images.float(), images.double(), last):
        assert torch.equal(flipped(same, 0), expected)
    array = ALTERNATING(images.numpy(), seed=0, epoch=0)
    assert np.array_equal(array, ALTERNATING(images, seed=0, epoch=0).numpy())


def test_large_images_that_differ_in_the_last_rows_start_differently() -> None:
    images = torch.zeros(64, 1, 100, 200)
    images[:, :, 90:] = torch.arange(64.0)[:, None, None, None]
    assert 16 < flipped_of_large(images) < 48


def flipped_of_large(images: Tensor) -> int:
    images[:, :, 0, 0] = -1  # marks the left side
    found = ALTERNATING(images, seed=0, epoch=0)
    return int((found[:, 0, 0, 0] != -1).sum())


def test_vertical_flips_and_crops_are_drawn_anew(images: Tensor) -> None:
    augment = compose(Flip(vertical=0.5, alternate=True), RandomCrop(5, 7, padding=1))
    first, second, third = (
        augment(images, seed=seed, epoch=epoch) for seed, epoch in ((0, 0), (1, 0), (0, 0))
    )
    assert not torch.equal(first, second)
    assert torch.equal(first, third)


def test_masks_and_boxes_move_with_their_images(images: Tensor) -> None:
    moved = ALTERNATING(images, seed=0, epoch=1, masks=images, boxes=[[[0, 0, 2, 5]]] * len(images))
    assert torch.equal(moved.masks, moved.images)
    assert moved.boxes is not None
    left = torch.tensor([float(boxes[0][0]) for boxes in moved.boxes])
    assert torch.equal(left == 5, flipped(images, 1))


def test_an_epoch_is_required_and_checked(images: Tensor) -> None:
    with pytest.raises(hr.UsageError, match=r"Flip alternates by epochs, and got none.*epoch=0"):
        ALTERNATING(images, seed=0)
    with pytest.raises(hr.UsageError, match="epoch"):
        ALTERNATING(images, seed=0, epoch=-1)
    assert torch.equal(compose(Flip(0.0))(images, seed=0, epoch=3), images)


def test_a_probability_contradicts_alternation() -> None:
    with pytest.raises(hr.UsageError, match=r"not with a probability of 0\.3.*omit horizontal"):
        Flip(0.3, alternate=True)


def test_no_images() -> None:
    assert ALTERNATING(torch.zeros(0, 3, 4, 4), seed=0, epoch=0).shape == (0, 3, 4, 4)
