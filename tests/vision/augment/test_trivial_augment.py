"""TrivialAugment, and its changes against those of Pillow."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance, ImageOps
from tests.vision.augment.plain_parameters import parameters

from headrace._native import ColourOp
from headrace.vision.augment import TrivialAugment, compose
from headrace.vision.augment.evaluation import evaluate
from headrace.vision.augment.trivial_augment import SampledTrivialAugment

COUNT = 4000


def sample(space: Any) -> SampledTrivialAugment:
    return TrivialAugment(space).sample(COUNT, torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("space", "shear", "shift", "degrees", "bits", "factors"),
    [("wide", 0.99, 32, 135, (2, 8), (0.01, 2)), ("standard", 0.3, 10, 30, (4, 8), (0.1, 1.9))],
)
def test_ranges_are_those_of_the_paper(
    space: str, shear: float, shift: int, degrees: int, bits: Any, factors: Any
) -> None:
    maps, (changes, clips) = sample(space)
    ops, values = changes.ops, changes.values[:, 0]
    is_shear = (maps[:, 0, 0] == 1) & ((maps[:, 0, 1] != 0) | (maps[:, 1, 0] != 0))
    assert abs(maps[is_shear][:, (0, 1), (1, 0)]).max() == pytest.approx(shear)
    assert abs(maps[:, :2, 2]).max() == shift
    assert (maps[:, :2, 2] % 1 == 0).all()
    angles = np.degrees(np.arctan2(maps[:, 1, 0], maps[:, 0, 0]))[~is_shear]
    assert (abs(angles).max(), angles.min() < 0 < angles.max()) == (pytest.approx(degrees), True)
    posterized = values[ops == ColourOp.POSTERIZE]
    assert (posterized.min(), posterized.max()) == bits
    for op in (ColourOp.SATURATE, ColourOp.CONTRAST, ColourOp.SCALE, ColourOp.SHARPEN):
        found = values[ops == op]
        assert (found.min(), found.max()) == pytest.approx(factors)
        assert len(np.unique(found)) == 31
    solarized = values[ops == ColourOp.SOLARIZE] * 255 + 0.5
    assert (solarized.min(), solarized.max()) == pytest.approx((0, 256))
    assert ((clips.ops == ColourOp.CLIP) == (ops != ColourOp.NONE)).all()


def test_each_image_has_one_of_fourteen_changes() -> None:
    maps, (changes, _) = sample("wide")
    moves = (maps != np.eye(3)).any((1, 2))
    assert not (moves & (changes.ops != ColourOp.NONE)).any()
    shares = [(changes.ops == op).mean() for op in np.unique(changes.ops) if op]
    assert shares == pytest.approx([1 / 14] * 8, abs=0.02)
    assert moves.mean() == pytest.approx(5 / 14 * 30 / 31, abs=0.03)


@pytest.mark.parametrize(
    ("op", "value", "peer", "tolerance"),
    [
        (ColourOp.POSTERIZE, 3, lambda image: ImageOps.posterize(image, 3), 0),
        (ColourOp.SOLARIZE, 99.5 / 255, lambda image: ImageOps.solarize(image, 100), 0),
        (ColourOp.EQUALIZE, 0, ImageOps.equalize, 0),
        (ColourOp.AUTO_CONTRAST, 0, ImageOps.autocontrast, 1),
        (ColourOp.SATURATE, 0.3, lambda image: ImageEnhance.Color(image).enhance(0.3), 1),
        (ColourOp.SCALE, 1.4, lambda image: ImageEnhance.Brightness(image).enhance(1.4), 1),
        (ColourOp.SHARPEN, 1.8, lambda image: ImageEnhance.Sharpness(image).enhance(1.8), 1),
    ],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_changes_equal_those_of_pillow(
    op: ColourOp, value: float, peer: Callable[[Image.Image], Image.Image], tolerance: int, channels: int
) -> None:
    """Pillow rounds down, and the smoothed image of its sharpness is rounded in between."""
    pixels = np.random.default_rng(0).normal(110, 40, (1, channels, 40, 50)).clip(20, 230).astype(np.uint8)
    image = Image.fromarray(pixels[0].transpose(1, 2, 0)) if channels == 3 else Image.fromarray(pixels[0, 0])
    expected = np.asarray(peer(image)).reshape(40, 50, channels).transpose(2, 0, 1)
    ops, values = np.full((1, 1), op, np.uint8), np.full((1, 1, 1), value, np.float32)
    found = evaluate(parameters(pixels.shape, ops=ops, values=values), pixels).numpy()[0]
    assert abs(found.astype(int) - expected).max() <= tolerance


def test_images_stay_in_their_range() -> None:
    images = torch.rand(300, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    changed = compose(TrivialAugment(), fill="zeros")(images, seed=0)
    assert changed.min() >= 0
    assert changed.max() <= 1
