"""TrivialAugment: one random change of random strength for each image."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Generator

from headrace._native import ColourOp
from headrace.arguments import check_choice
from headrace.vision.augment.colour import ColourChange, check_colours
from headrace.vision.augment.geometry import Maps, affine
from headrace.vision.augment.ranges import integers

__all__ = ["TrivialAugment"]

_STRONGEST = 30


class _Space(NamedTuple):
    """The largest strengths of a column of the paper's table."""

    shear: float
    translate: float  # pixels
    rotate: float  # degrees
    bits: int  # the fewest
    enhance: tuple[float, float]


_SPACES = {
    "standard": _Space(shear=0.3, translate=10, rotate=30, bits=4, enhance=(0.1, 1.9)),
    "wide": _Space(shear=0.99, translate=32, rotate=135, bits=2, enhance=(0.01, 2.0)),
}
_MOVES = ("rotate", "shear_x", "shear_y", "translate_x", "translate_y")
_ENHANCERS = (ColourOp.SATURATE, ColourOp.CONTRAST, ColourOp.SCALE, ColourOp.SHARPEN)
_COLOURS = (*_ENHANCERS, ColourOp.POSTERIZE, ColourOp.SOLARIZE, ColourOp.AUTO_CONTRAST, ColourOp.EQUALIZE)
_CHANGES = (None, *_MOVES, *_COLOURS)  # None is the identity


class SampledTrivialAugment(NamedTuple):
    """The affine map of each image, and its changes of values."""

    maps: Maps
    colours: tuple[ColourChange, ...]


@dataclass(frozen=True)
class TrivialAugment:
    """One of fourteen changes for each image, of one of 31 strengths, both drawn uniformly.

    S. G. Müller and F. Hutter, TrivialAugment: Tuning-free Yet State-of-the-Art Data Augmentation, ICCV 2021,
    arXiv:2103.10158, with the ranges of table 1. The changes: nothing, rotation, shear and translation along
    x or y, saturation, contrast, brightness, sharpness, posterize, solarize, autocontrast, equalize. Images
    are uint8, or float from 0 to 1, and are clipped to them. Here pixels are interpolated, `fill` of
    `compose` defines those outside, and contrast is about the mean of all channels.

    Attributes:
        space: "wide" for the ranges of TA (Wide), "standard" for those of RandAugment.
    """

    space: Literal["wide", "standard"] = "wide"

    def __post_init__(self) -> None:
        """Check the name of the space."""
        check_choice(self.space, "space of TrivialAugment", _SPACES)

    def check_images(self, images: Any) -> None:
        """Check that images are grey or red-green-blue.

        Raises:
            UsageError: They have another number of channels.
        """
        check_colours(images, "TrivialAugment")

    def sample(self, count: int, generator: Generator) -> SampledTrivialAugment:
        """Sample the change of each image."""
        changes = integers(count, len(_CHANGES), generator)
        strengths = integers(count, _STRONGEST + 1, generator)
        signs = np.where(integers(count, 2, generator) == 1, -1.0, 1.0)
        space = _SPACES[self.space]
        return SampledTrivialAugment(
            _find_maps(space, changes, strengths, signs), _find_colours(space, changes, strengths)
        )


def _scale(strengths: NDArray[np.int64], largest: float) -> NDArray[np.float64]:
    return strengths * largest / _STRONGEST


def _find_maps(
    space: _Space, changes: NDArray[np.int64], strengths: NDArray[np.int64], signs: NDArray[np.float64]
) -> Maps:
    def select(name: str, largest: float) -> NDArray[np.float64]:
        return np.where(changes == _CHANGES.index(name), signs * _scale(strengths, largest), 0)

    angle = np.trunc(select("rotate", space.rotate)) * (pi / 180)
    x, y = (select(f"shear_{side}", space.shear) for side in "xy")
    right, down = (np.trunc(select(f"translate_{side}", space.translate)) for side in "xy")
    cos, sin = np.cos(angle), np.sin(angle)
    return affine(len(changes), ((cos, -sin + x, right), (sin + y, cos, down)))


def _find_colours(
    space: _Space, changes: NDArray[np.int64], strengths: NDArray[np.int64]
) -> tuple[ColourChange, ...]:
    ops = np.zeros(len(changes), np.uint8)
    values = np.zeros((len(changes), 1), np.float32)
    for op in _COLOURS:
        rows = changes == _CHANGES.index(op)
        ops[rows] = op
        values[rows, 0] = _find_values(space, op, strengths[rows])
    clips = np.where(ops == ColourOp.NONE, np.uint8(ColourOp.NONE), np.uint8(ColourOp.CLIP))
    return ColourChange(ops, values), ColourChange(clips, np.zeros_like(values))


def _find_values(space: _Space, op: ColourOp, strengths: NDArray[np.int64]) -> NDArray[np.float64]:
    if op == ColourOp.POSTERIZE:
        return 8 - np.trunc(_scale(strengths, 8 - space.bits))
    if op == ColourOp.SOLARIZE:
        threshold = 256 - np.trunc(_scale(strengths, 256))
        return (threshold - 0.5) / 255  # levels of at least the threshold
    low, high = space.enhance
    return low + _scale(strengths, high - low)
