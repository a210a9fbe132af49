"""Steps that change values: each is a list of operations of the kernels, one operation per image."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from headrace._native import ColourOp
from headrace.arguments import check_number, show_value
from headrace.errors import SchemaError, UsageError
from headrace.vision.augment.ranges import Floats, Range, normal, span, uniform

__all__ = ["Brightness", "ColourChange", "ColourStep", "Contrast", "Hue", "Lighting", "Saturation"]


class ColourChange(NamedTuple):
    """One operation per image."""

    ops: NDArray[np.uint8]  # members of ColourOp, [N]
    values: Floats  # their parameters, [N, 1] or [N, channels]


class ColourStep(ABC):
    """A step that changes values."""

    op: ClassVar[ColourOp]

    @abstractmethod
    def sample(self, count: int, channels: int, generator: Generator) -> Floats:
        """Sample the parameters of `count` images, [count, 1] or [count, channels]."""

    def sample_change(self, count: int, channels: int, generator: Generator) -> ColourChange:
        """Sample the operation of each image."""
        return ColourChange(np.full(count, self.op, np.uint8), self.sample(count, channels, generator))

    def check_images(self, images: Any) -> None:  # noqa: B027 - most steps apply to all images
        """Check that the step can be applied to images, a tensor or an array [N, channels, height, width].

        Raises:
            UsageError: It cannot.
        """


def check_colours(images: Any, name: str) -> None:
    """Check that images are grey or red-green-blue.

    Raises:
        UsageError: They have another number of channels.
    """
    if images.shape[1] not in (1, 3):
        raise UsageError(
            f"{name} expects images of 1 or 3 channels, got {images.shape[1]}",
            hint=f"omit {name} for such images",
        )


def _as_sequence(value: Any) -> Sequence[Any]:
    return value if isinstance(value, Sequence) else ()


@dataclass(frozen=True)
class Contrast(ColourStep):
    """Random contrast: scales the distance of each value from the image's mean.

    Attributes:
        factor: A number d for the range from 1 - d to 1 + d, or a range, of at least 0; above 1 increases
            contrast.
    """

    op: ClassVar[ColourOp] = ColourOp.CONTRAST
    factor: Range = 0.2

    def __post_init__(self) -> None:
        """Check the range."""
        span(self.factor, "factor of Contrast", centre=1.0, least=0)

    def sample(self, count: int, channels: int, generator: Generator) -> Floats:  # noqa: ARG002
        """Sample factors, [count, 1]."""
        return uniform(count, *span(self.factor, "factor of Contrast", centre=1.0), generator)[:, None]


@dataclass(frozen=True)
class Brightness(ColourStep):
    """Random brightness: adds one amount to all values of an image.

    Attributes:
        amount: A number d for the range from -d to d, or a range; in the images' values for float, as a
            fraction of 255 from -1 to 1 for uint8.
    """

    op: ClassVar[ColourOp] = ColourOp.ADD
    amount: Range = 0.2

    def __post_init__(self) -> None:
        """Check the range."""
        span(self.amount, "amount of Brightness")

    def check_images(self, images: Any) -> None:
        """See `ColourStep.check_images`."""
        if images.dtype in (torch.uint8, np.uint8):
            span(self.amount, "amount of Brightness, of uint8 images a fraction of 255", least=-1, most=1)

    def sample(self, count: int, channels: int, generator: Generator) -> Floats:
        """Sample amounts, the same for all channels: [count, channels]."""
        amounts = uniform(count, *span(self.amount, "amount of Brightness"), generator)
        return amounts[:, None].repeat(channels, axis=1)


@dataclass(frozen=True)
class Saturation(ColourStep):
    """Random saturation: scales the distance of each pixel from its grey, 0.299 R + 0.587 G + 0.114 B.

    Grey images of one channel are unchanged.

    Attributes:
        factor: A number d for the range from 1 - d to 1 + d, or a range, of at least 0: 0 makes images grey,
            above 1 increases saturation.
    """

    op: ClassVar[ColourOp] = ColourOp.SATURATE
    factor: Range = 0.2

    def __post_init__(self) -> None:
        """Check the range."""
        span(self.factor, "factor of Saturation", centre=1.0, least=0)

    def check_images(self, images: Any) -> None:
        """See `ColourStep.check_images`."""
        check_colours(images, "Saturation")

    def sample(self, count: int, channels: int, generator: Generator) -> Floats:  # noqa: ARG002
        """Sample factors, [count, 1]."""
        return uniform(count, *span(self.factor, "factor of Saturation", centre=1.0), generator)[:, None]


@dataclass(frozen=True)
class Hue(ColourStep):
    """Random hue, turned on the circle of HSV; the largest and smallest value of each pixel are unchanged.

    Grey images of one channel are unchanged.

    Attributes:
        degrees: A number d for the range from -d to d, or a range: 120 turns red to green, 360 is a full
            circle.
    """

    op: ClassVar[ColourOp] = ColourOp.HUE
    degrees: Range = 18.0

    def __post_init__(self) -> None:
        """Check the range."""
        span(self.degrees, "degrees of Hue")

    def check_images(self, images: Any) -> None:
        """See `ColourStep.check_images`."""
        check_colours(images, "Hue")

    def sample(self, count: int, channels: int, generator: Generator) -> Floats:  # noqa: ARG002
        """Sample angles, [count, 1]."""
        return uniform(count, *span(self.degrees, "degrees of Hue"), generator)[:, None]


@dataclass(frozen=True)
class Lighting(ColourStep):
    """Random colour and intensity of the light, along the principal components of the pixels' channels.

    A. Krizhevsky et al., ImageNet Classification with Deep Convolutional Neural Networks, NIPS 2012, section
    4.1. The length of each component is its standard deviation, as in the authors' implementation.

    Attributes:
        components: The principal components, each with one number per channel; see `from_images`.
        deviation: Standard deviation of the factors of the components.
    """

    op: ClassVar[ColourOp] = ColourOp.ADD
    components: tuple[tuple[float, ...], ...]
    deviation: float = 0.1

    def __post_init__(self) -> None:
        """Check the numbers."""
        check_number(self.deviation, "deviation of Lighting", least=0)
        rows: list[Any] = [
            list(row) if isinstance(row, Sequence) else [] for row in _as_sequence(self.components)
        ]
        if not rows or not rows[0] or len({len(row) for row in rows}) > 1:
            what = f"components of Lighting: expected rows of one length, got {show_value(self.components)}"
            raise UsageError(what, hint="compute the components by Lighting.from_images")
        for row in rows:
            for value in row:
                check_number(value, "components of Lighting")

    @classmethod
    def from_images(cls, images: Tensor, deviation: float = 0.1) -> Self:
        """Create the step with the principal components of images.

        Args:
            images: A representative sample of the data, [N, channels, height, width].
            deviation: Standard deviation of the factors of the components.

        Raises:
            SchemaError: The images are not [N, channels, height, width].

        Example:
            >>> grey = torch.tensor([0.0, 2.0]).reshape(1, 1, 1, 2)
            >>> Lighting.from_images(grey).components
            ((1.0,),)
        """
        if not isinstance(images, Tensor) or images.ndim != 4 or not images.numel():  # pyright: ignore[reportUnnecessaryIsInstance]
            got = list(images.shape) if isinstance(images, Tensor) else show_value(images)  # pyright: ignore[reportUnnecessaryIsInstance]
            raise SchemaError(f"expected images, got {got}", hint="pass [N, channels, height, width]")
        unit = 1.0 if images.is_floating_point() else 255.0
        pixels = images.transpose(0, 1).flatten(1).double() / unit
        spread, axes = torch.linalg.eigh(torch.cov(pixels, correction=0).reshape(len(pixels), len(pixels)))
        oriented = axes * torch.where(axes.sum(dim=0) < 0, -1.0, 1.0)  # positive factors brighten
        rows: list[list[float]] = (oriented * spread.clamp(min=0).sqrt()).T.flip(0).tolist()
        return cls(tuple(tuple(row) for row in rows), deviation)

    def sample(self, count: int, channels: int, generator: Generator) -> Floats:
        """Sample the amounts to add to each channel, [count, channels]."""
        if any(len(row) != channels for row in self.components):
            raise UsageError(
                f"expected images of {len(self.components[0])} channels, as the components of Lighting have, "
                f"got {channels}",
                hint="compute the components from such images by Lighting.from_images",
            )
        factors = normal(count, len(self.components), generator)
        components = np.array(self.components, np.float32) * np.float32(self.deviation)
        return (factors @ components).astype(np.float32)
