"""CutMix."""

import pytest
import torch

from headrace.errors import UsageError
from headrace.vision.augment import CutMix, compose

COUNT = 500


def test_labels_are_blended_by_the_areas() -> None:
    numbers = torch.arange(COUNT)
    images = numbers[:, None, None, None].expand(-1, 2, 9, 12).float()
    mixed, targets = compose(CutMix(classes=COUNT))(images, numbers, seed=0)
    assert (mixed == mixed[:, :1]).all()
    for number, (image, target) in enumerate(zip(mixed[:, 0], targets, strict=True)):
        own = image == number
        assert target[number] == pytest.approx(own.float().mean().item(), abs=1e-6)
        assert target.sum() == pytest.approx(1)
        others = image[~own].unique()
        assert len(others) <= 1
        rows, columns = (~own).any(1).sum(), (~own).any(0).sum()
        assert (~own).sum() == rows * columns  # a rectangle
        if len(others):
            assert target[int(others)] == pytest.approx(1 - target[number].item(), abs=1e-6)


def test_shares_are_uniform_for_an_alpha_of_one() -> None:
    images = torch.arange(4000.0)[:, None, None, None].expand(-1, 1, 64, 64)
    mixed, _ = compose(CutMix())(images, torch.zeros(4000), seed=0)
    heights = (mixed[:, 0] != images[:, 0]).any(2).sum(1) / 64
    assert (heights == 0).float().mean() < 0.05
    assert 0.3 < heights.mean() < 0.6  # the mean of sqrt(1 - share) is 2/3, less what lies outside


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float16, torch.float64])
def test_pixels_are_copied(dtype: torch.dtype) -> None:
    images = torch.randint(256, (8, 3, 6, 6)).to(dtype)
    mixed, _ = compose(CutMix())(images, torch.zeros(8), seed=0)
    assert mixed.dtype == dtype
    assert ((mixed[:, None] == images).all(2).any(1)).all()


def test_missing_arguments_are_named() -> None:
    images = torch.zeros(2, 1, 4, 4)
    with pytest.raises(UsageError, match="CutMix requires labels; pass labels, or omit CutMix"):
        compose(CutMix())(images, seed=0)
    with pytest.raises(UsageError, match=r"CutMix\(classes=2\) got labels from 0 to 2; pass the number"):
        compose(CutMix(classes=2))(images, torch.tensor([0, 2]), seed=0)


def test_an_empty_batch() -> None:
    images, labels = compose(CutMix(classes=3))(torch.zeros(0, 1, 4, 4), torch.zeros(0).long(), seed=0)
    assert images.shape == (0, 1, 4, 4)
    assert labels.shape == (0, 3)
