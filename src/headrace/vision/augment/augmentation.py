"""Steps composed to one value, and applied to a whole batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import overload

import torch
from torch import Generator, Tensor

from headrace.errors import SchemaError, UsageError
from headrace.vision.augment.colour import Colouring
from headrace.vision.augment.cutout import Cutout
from headrace.vision.augment.geometry import Geometric
from headrace.vision.augment.mixup import Mixup
from headrace.vision.augment.resample import Fill
from headrace.vision.augment.sampled import draw_plan

__all__ = ["Augmentation", "Step", "compose"]

Step = Geometric | Colouring | Cutout | Mixup


@dataclass(frozen=True)
class Augmentation:
    """Steps, and how to see beyond the edges; made by `compose`.

    Whatever their order, pixels move first, all moves being one resampling, then values change, then squares
    are cut out, then images are blended; among themselves, steps of a kind keep their order.

    Attributes:
        steps: In order.
        fill: What is outside of the image: "edge", "zeros" or "reflect".
        limits: Values below and above are set to these; None leaves them (uint8 ends at 0 and 255 anyway).
    """

    steps: tuple[Step, ...]
    fill: Fill = "edge"
    limits: tuple[float, float] | None = None

    @overload
    def __call__(self, images: Tensor, labels: None = None, *, seed: int | Generator) -> Tensor: ...
    @overload
    def __call__(self, images: Tensor, labels: Tensor, *, seed: int | Generator) -> tuple[Tensor, Tensor]: ...
    def __call__(
        self, images: Tensor, labels: Tensor | None = None, *, seed: int | Generator
    ) -> Tensor | tuple[Tensor, Tensor]:
        """New images, each changed in its own way.

        Args:
            images: float or uint8 [N, channels, height, width], on any device; they stay as they are.
            labels: [N], or [N, ...]; needed, and changed, by `Mixup` only.
            seed: An int, or a generator, which moves on. The same seed gives the same result; an int, or a
                generator on the CPU, gives the same changes on every device.

        Returns:
            Images of the same dtype, on the same device; with `labels` a pair of images and labels.

        Raises:
            SchemaError: Images of another form.
            UsageError: Steps that cannot be done with these images or labels.
        """
        if images.ndim != 4 or not (images.is_floating_point() or images.dtype == torch.uint8):
            what = f"{str(images.dtype).removeprefix('torch.')}{list(images.shape)} are no images"
            raise SchemaError(what, hint="give float or uint8 [N, channels, height, width]")
        generator = seed if isinstance(seed, Generator) else torch.Generator().manual_seed(seed)
        with torch.no_grad():
            plan = draw_plan(self.steps, images.shape, generator, images.device)
            changed = plan.apply(images, self.fill, self.limits)
            return self._blended(changed, labels, generator)

    def _blended(
        self, images: Tensor, labels: Tensor | None, generator: Generator
    ) -> Tensor | tuple[Tensor, Tensor]:
        for step in self.steps:
            if isinstance(step, Mixup):
                if labels is None:
                    raise UsageError("Mixup blends labels, too", hint="give labels, or leave Mixup out")
                images, labels = step(images, labels, generator)
        return images if labels is None else (images, labels)


def compose(*steps: Step, fill: Fill = "edge", limits: tuple[float, float] | None = None) -> Augmentation:
    """One augmentation of several steps: a value, which can be compared and printed.

    Args:
        steps: What is done to each image; see `Augmentation` for the order.
        fill: What is outside of the image: "edge" the nearest pixel, "zeros", or "reflect".
        limits: Values below and above are set to these.

    Example:
        >>> augment = compose(Flip(), Shift(0.1), Rotate(15))
        >>> augment(torch.zeros(2, 3, 8, 8), seed=0).shape
        torch.Size([2, 3, 8, 8])
    """
    return Augmentation(steps, fill, limits)
