"""Steps that change values, each as the line that it is: all of them together are one multiplication."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Generator, Tensor

from headrace.errors import UsageError
from headrace.vision.augment.ranges import Range, span, uniform

__all__ = ["Brightness", "Colouring", "Contrast", "Lighting", "Values"]


@dataclass(frozen=True)
class Values:
    """What has become of images' values so far: `scale` * value + `offset`.

    Attributes:
        means: Of each image's channels, before, [N, channels].
        scale: [N, 1].
        offset: [N, channels].
        unit: What 1 is in the images: 255 for uint8, 1 for float.
    """

    means: Tensor
    scale: Tensor
    offset: Tensor
    unit: float


class Colouring(ABC):
    """A step that changes values."""

    @abstractmethod
    def draw(self, count: int, channels: int, generator: Generator) -> Tensor:
        """What is random for each image, [count, ...]."""

    @abstractmethod
    def change(self, values: Values, drawn: Tensor) -> Values:
        """The values after this step, too."""


@dataclass(frozen=True)
class Contrast(Colouring):
    """Further from the image's mean, or nearer to it.

    Attributes:
        factor: A number d for 1 - d to 1 + d, or a range; above 1 is more contrast.
    """

    factor: Range = 0.2

    def draw(self, count: int, channels: int, generator: Generator) -> Tensor:  # noqa: ARG002
        """Factors, [count, 1]."""
        return uniform(count, *span(self.factor, centre=1.0), generator)[:, None]

    def change(self, values: Values, drawn: Tensor) -> Values:
        """See `Colouring.change`."""
        grey = (values.scale * values.means + values.offset).mean(dim=1, keepdim=True)
        return replace(values, scale=drawn * values.scale, offset=drawn * values.offset + (1 - drawn) * grey)


@dataclass(frozen=True)
class Brightness(Colouring):
    """Lighter or darker by the same amount everywhere.

    Attributes:
        amount: A number d for -d to d, or a range, in the images' own unit; for uint8 in parts of 255.
    """

    amount: Range = 0.2

    def draw(self, count: int, channels: int, generator: Generator) -> Tensor:  # noqa: ARG002
        """Amounts, [count, 1]."""
        return uniform(count, *span(self.amount), generator)[:, None]

    def change(self, values: Values, drawn: Tensor) -> Values:
        """See `Colouring.change`."""
        return replace(values, offset=values.offset + drawn * values.unit)


@dataclass(frozen=True)
class Lighting(Colouring):
    """Light of another colour and strength: along the principal components of all pixels' channels.

    A. Krizhevsky et al., ImageNet Classification with Deep Convolutional Neural Networks, NIPS 2012, section
    4.1; components are as long as their standard deviations, as in its authors' own program.

    Attributes:
        components: The principal components, each as many numbers as there are channels; see `Lighting.of`.
        deviation: The standard deviation of the numbers that the components are multiplied by.
    """

    components: tuple[tuple[float, ...], ...]
    deviation: float = 0.1

    @classmethod
    def of(cls, images: Tensor, deviation: float = 0.1) -> Self:
        """With the components of these images, [N, channels, height, width], a fair sample of the data.

        Example:
            >>> grey = torch.tensor([0.0, 2.0]).reshape(1, 1, 1, 2)
            >>> Lighting.of(grey).components
            ((1.0,),)
        """
        unit = 1.0 if images.is_floating_point() else 255.0
        pixels = images.transpose(0, 1).flatten(1).double() / unit
        spread, axes = torch.linalg.eigh(torch.cov(pixels, correction=0).reshape(len(pixels), len(pixels)))
        directed = axes * torch.where(axes.sum(dim=0) < 0, -1.0, 1.0)  # to the light: a sign for each
        rows: list[list[float]] = (directed * spread.clamp(min=0).sqrt()).T.flip(0).tolist()
        return cls(tuple(tuple(row) for row in rows), deviation)

    def draw(self, count: int, channels: int, generator: Generator) -> Tensor:
        """What each channel gains, [count, channels]."""
        if any(len(row) != channels for row in self.components):
            raise UsageError(
                f"light components of {len(self.components[0])} channels for images of {channels}",
                hint="take them from such images by Lighting.of",
            )
        device = generator.device
        strengths = torch.randn(count, len(self.components), generator=generator, device=device)
        return strengths * self.deviation @ torch.tensor(self.components, device=device)

    def change(self, values: Values, drawn: Tensor) -> Values:
        """See `Colouring.change`."""
        return replace(values, offset=values.offset + drawn * values.unit)
