"""The resampling that geometric steps share."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from headrace.vision.augment import Rotate, Shift, Zoom, compose
from headrace.vision.augment.evaluation.resample import resample


@pytest.fixture
def images() -> Tensor:
    return torch.rand(5, 3, 12, 9, generator=torch.Generator().manual_seed(0))


def close(found: Tensor, expected: Tensor) -> bool:
    return torch.allclose(found, expected, atol=1e-5)


def test_steps_are_applied_in_one_resampling(images: Tensor) -> None:
    """A rotation and its inverse lose no pixels in between."""
    composed = compose(Rotate((30, 30)), Zoom((3, 3)), Zoom((1 / 3, 1 / 3)), Rotate((-30, -30)))
    assert close(composed(images, seed=0), images)


def test_steps_keep_their_order(images: Tensor) -> None:
    right, turn = Shift((2 / 9, 2 / 9), (0, 0)), Rotate((180, 180))
    first = compose(right, turn)(images, seed=0)  # a shift to the right is to the left after half a turn
    assert close(first[:, :, :, :-2], images.rot90(2, (2, 3))[:, :, :, 2:])


def test_resampling_equals_torch_s_affine_grid() -> None:
    images, maps = torch.rand(6, 2, 11, 7), torch.eye(3) + 0.2 * torch.randn(6, 3, 3)
    maps[:, 2] = torch.tensor([0.0, 0.0, 1.0])
    ours = resample(images, maps, (8, 10), nearest=False, fill="reflect")
    to_halves, from_halves = (
        torch.diag(torch.tensor([2 / 7, 2 / 11, 1])),
        torch.diag(torch.tensor([5, 4, 1.0])),
    )
    grid = affine_grid((to_halves @ maps @ from_halves)[:, :2], [6, 2, 8, 10], align_corners=False)
    assert close(ours, grid_sample(images, grid, padding_mode="reflection", align_corners=False))
