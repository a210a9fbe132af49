"""Gaussian blur."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from torch import Generator

from headrace._native import ColourOp
from headrace.arguments import check_number, is_number
from headrace.vision.augment.colour import ColourChange, ColourStep
from headrace.vision.augment.ranges import Floats, Range, span, uniform

__all__ = ["GaussianBlur"]

_LARGEST = 100  # pixels


@dataclass(frozen=True)
class GaussianBlur(ColourStep):
    """Random blur by a Gaussian, cut at three standard deviations; pixels outside are the nearest inside.

    Attributes:
        sigma: Standard deviation in pixels, from 0 to 100: a range, or a number for one deviation.
        probability: Probability that an image is blurred.
    """

    op: ClassVar[ColourOp] = ColourOp.BLUR
    sigma: Range = (0.1, 2.0)
    probability: float = 1.0

    def __post_init__(self) -> None:
        """Check the range and the probability."""
        self._range()
        check_number(self.probability, "probability of GaussianBlur", least=0, most=1)

    def _range(self) -> tuple[float, float]:
        ends = (self.sigma, self.sigma) if is_number(self.sigma) else self.sigma
        return span(ends, "sigma of GaussianBlur", least=0, most=_LARGEST)  # pyright: ignore[reportArgumentType]

    def sample(self, count: int, channels: int, generator: Generator) -> Floats:  # noqa: ARG002
        """Sample standard deviations, [count, 1]."""
        return uniform(count, *self._range(), generator)[:, None]

    def sample_change(self, count: int, channels: int, generator: Generator) -> ColourChange:
        """See `ColourStep.sample_change`."""
        ops, values = super().sample_change(count, channels, generator)
        is_blurred = (uniform(count, 0, 1, generator) < self.probability) & (values[:, 0] > 0)
        return ColourChange(np.where(is_blurred, ops, np.uint8(ColourOp.NONE)), values)
