"""Cutout."""

import pytest
import torch
from torch import Tensor

from headrace.errors import UsageError
from headrace.vision.augment import Cutout, compose


@pytest.fixture
def images() -> Tensor:
    return torch.rand(6, 3, 10, 8, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("size", [1, 4, 5, 30])
def test_cutout_is_a_square_inside_the_image(images: Tensor, size: int) -> None:
    cut = compose(Cutout(size, value=-1.0))(images.repeat(20, 1, 1, 1), seed=0)
    squares = cut == -1
    assert torch.equal(cut[~squares], images.repeat(20, 1, 1, 1)[~squares])
    assert (squares == squares[:, :1]).all()
    rows, columns = squares[:, 0].any(2).sum(1), squares[:, 0].any(1).sum(1)
    assert torch.equal(squares[:, 0].sum((1, 2)), rows * columns)
    assert (rows <= size).all()
    assert rows.max() == min(size, 10)
    assert rows.min() >= min(size // 2, 10)  # the centre is inside


def test_a_size_of_zero_is_rejected(images: Tensor) -> None:
    with pytest.raises(UsageError, match="size of Cutout is 0; pass 1 or more"):
        compose(Cutout(0))(images, seed=0)
