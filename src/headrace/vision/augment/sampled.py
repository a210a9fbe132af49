"""Sample the parameters of all steps for one batch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray
from torch import Generator

from headrace.vision.augment.colour import ColourChange, ColourStep
from headrace.vision.augment.cutout import Cutout
from headrace.vision.augment.evaluation import BatchParameters, Fill
from headrace.vision.augment.geometry import Flip, GeometricStep, Maps, Resize, Size
from headrace.vision.augment.ranges import Floats
from headrace.vision.augment.trivial_augment import TrivialAugment

__all__ = ["sample_augmentation"]


def sample_augmentation(
    steps: Sequence[object],
    shape: Sequence[int],
    generator: Generator,
    *,
    fill: Fill = "edge",
    limits: tuple[float, float] | None = None,
    is_flipped: NDArray[np.bool_] | None = None,
) -> BatchParameters:
    """Sample the parameters of geometric steps, colour steps and cutouts, in this order.

    Args:
        steps: The steps; those of other kinds are ignored.
        shape: The shape of the images, [N, channels, height, width].
        generator: The source of randomness.
        fill: Pixels outside the image.
        limits: Range that values are clipped to.
        is_flipped: Which images an alternating flip swaps; see `alternate_images`.
    """
    count, channels, height, width = shape
    moves = _sample_moves(steps, count, (height, width), generator, is_flipped)
    changes: list[ColourChange] = []
    for step in steps:
        if isinstance(step, ColourStep):
            changes.append(step.sample_change(count, channels, generator))
        elif isinstance(step, TrivialAugment):
            changes += moves.colours.pop(0)
    cutouts = [step for step in steps if isinstance(step, Cutout)]
    holes = [step.sample(count, moves.size, generator) for step in cutouts]
    return BatchParameters(
        maps=reduce(np.matmul, moves.maps) if moves.maps else None,
        size=moves.size,
        blocks=moves.blocks,
        nearest=moves.nearest,
        ops=np.array([change.ops for change in changes], np.uint8).reshape(len(changes), count),
        values=_stack_values([change.values for change in changes], count),
        holes=np.array(holes, np.int64).reshape(len(holes), count, 4),
        hole_values=tuple(step.value for step in cutouts),
        fill=fill,
        limits=limits,
    )


class _Moves:
    """Maps of the geometric steps so far, and the colours that were sampled with them."""

    def __init__(self, size: Size) -> None:
        self.maps: list[Maps] = []
        self.size = size
        self.nearest = True
        self.colours: list[tuple[ColourChange, ...]] = []
        self._down = self._across = 1.0

    def add(self, step: GeometricStep, maps: Maps, size: Size) -> None:
        if isinstance(step, Resize):
            self._down *= self.size[0] / size[0]
            self._across *= self.size[1] / size[1]
        self.nearest &= step.exact
        self.maps.append(maps)
        self.size = size

    @property
    def blocks(self) -> tuple[int, int]:
        """The blocks to average for the total resizing."""
        return max(1, int(self._down)), max(1, int(self._across))


def _sample_moves(
    steps: Sequence[object],
    count: int,
    size: Size,
    generator: Generator,
    is_flipped: NDArray[np.bool_] | None,
) -> _Moves:
    moves = _Moves(size)
    for step in steps:
        if isinstance(step, Flip) and step.alternate and is_flipped is not None:
            moves.add(step, *step.sample_alternating(is_flipped, moves.size, generator))
        elif isinstance(step, GeometricStep):
            moves.add(step, *step.sample(count, moves.size, generator))
        elif isinstance(step, TrivialAugment):
            maps, colours = step.sample(count, generator)
            moves.maps.append(maps)
            moves.nearest = False
            moves.colours.append(colours)
    return moves


def _stack_values(values: Sequence[Floats], count: int) -> Floats:
    width = max((each.shape[1] for each in values), default=1)
    stacked = np.zeros((len(values), count, width), np.float32)
    for row, each in zip(stacked, values, strict=True):
        row[:] = each
    return stacked
