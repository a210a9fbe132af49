"""Steps that change values. Each is affine, so that all of them together are one multiply-add."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import torch
from torch import Generator, Tensor

from headrace.arguments import check_number, show_value
from headrace.errors import SchemaError, UsageError
from headrace.vision.augment.ranges import Range, span, uniform

__all__ = ["AffineValues", "Brightness", "ColourStep", "Contrast", "Lighting"]


@dataclass(frozen=True)
class AffineValues:
    """The composition of the colour steps so far: `scale` * value + `offset`.

    Attributes:
        means: Mean of each channel before the steps, [N, channels].
        scale: Factor of the values, [N, 1].
        offset: Offset of the values, [N, channels].
        unit: The value of full intensity: 255 for uint8, 1 for float.
    """

    means: Tensor
    scale: Tensor
    offset: Tensor
    unit: float


class ColourStep(ABC):
    """A step that changes values."""

    @abstractmethod
    def sample(self, count: int, channels: int, generator: Generator) -> Tensor:
        """Sample the parameters of `count` images, [count, ...]."""

    def check_images(self, images: Tensor) -> None:  # noqa: B027 - most steps apply to every dtype
        """Check that the step can be applied to images of this dtype.

        Raises:
            UsageError: An argument does not apply to the dtype.
        """

    @abstractmethod
    def apply(self, values: AffineValues, parameters: Tensor) -> AffineValues:
        """Compose this step with the steps before it."""


def _as_sequence(value: Any) -> Sequence[Any]:
    return value if isinstance(value, Sequence) else ()


@dataclass(frozen=True)
class Contrast(ColourStep):
    """Random contrast: scales the distance of each value from the image's mean.

    Attributes:
        factor: A number d for the range from 1 - d to 1 + d, or a range, of at least 0; above 1 increases
            contrast.
    """

    factor: Range = 0.2

    def __post_init__(self) -> None:
        """Check the range."""
        span(self.factor, "factor of Contrast", centre=1.0, least=0)

    def sample(self, count: int, channels: int, generator: Generator) -> Tensor:  # noqa: ARG002
        """Sample factors, [count, 1]."""
        return uniform(count, *span(self.factor, "factor of Contrast", centre=1.0), generator)[:, None]

    def apply(self, values: AffineValues, parameters: Tensor) -> AffineValues:
        """See `ColourStep.apply`."""
        grey = (values.scale * values.means + values.offset).mean(dim=1, keepdim=True)
        scale, offset = parameters * values.scale, parameters * values.offset + (1 - parameters) * grey
        return replace(values, scale=scale, offset=offset)


@dataclass(frozen=True)
class Brightness(ColourStep):
    """Random brightness: adds one amount to all values of an image.

    Attributes:
        amount: A number d for the range from -d to d, or a range; in the images' values for float, as a
            fraction of 255 from -1 to 1 for uint8.
    """

    amount: Range = 0.2

    def __post_init__(self) -> None:
        """Check the range."""
        span(self.amount, "amount of Brightness")

    def check_images(self, images: Tensor) -> None:
        """See `ColourStep.check_images`."""
        if not images.is_floating_point():
            span(self.amount, "amount of Brightness, of uint8 images a fraction of 255", least=-1, most=1)

    def sample(self, count: int, channels: int, generator: Generator) -> Tensor:  # noqa: ARG002
        """Sample amounts, [count, 1]."""
        return uniform(count, *span(self.amount, "amount of Brightness"), generator)[:, None]

    def apply(self, values: AffineValues, parameters: Tensor) -> AffineValues:
        """See `ColourStep.apply`."""
        return replace(values, offset=values.offset + parameters * values.unit)


@dataclass(frozen=True)
class Lighting(ColourStep):
    """Random colour and intensity of the light, along the principal components of the pixels' channels.

    A. Krizhevsky et al., ImageNet Classification with Deep Convolutional Neural Networks, NIPS 2012, section
    4.1. The length of each component is its standard deviation, as in the authors' implementation.

    Attributes:
        components: The principal components, each with one number per channel; see `from_images`.
        deviation: Standard deviation of the factors of the components.
    """

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

    def sample(self, count: int, channels: int, generator: Generator) -> Tensor:
        """Sample the amounts to add to each channel, [count, channels]."""
        if any(len(row) != channels for row in self.components):
            raise UsageError(
                f"expected images of {len(self.components[0])} channels, as the components of Lighting have, "
                f"got {channels}",
                hint="compute the components from such images by Lighting.from_images",
            )
        device = generator.device
        factors = torch.randn(count, len(self.components), generator=generator, device=device)
        return factors * self.deviation @ torch.tensor(self.components, device=device)

    def apply(self, values: AffineValues, parameters: Tensor) -> AffineValues:
        """See `ColourStep.apply`."""
        return replace(values, offset=values.offset + parameters * values.unit)
