"""Compose augmentation steps and apply them to a whole batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import torch
from torch import Generator, Tensor

from headrace.arguments import check_choice, check_integer, show_value
from headrace.errors import SchemaError, UsageError
from headrace.vision.augment.colour import ColourStep
from headrace.vision.augment.cutout import Cutout
from headrace.vision.augment.geometry import GeometricStep
from headrace.vision.augment.mixup import Mixup
from headrace.vision.augment.ranges import span
from headrace.vision.augment.resample import PADDING, Fill
from headrace.vision.augment.sampled import sample_augmentation

__all__ = ["Augmentation", "Step", "compose"]

Step = GeometricStep | ColourStep | Cutout | Mixup


@dataclass(frozen=True)
class Augmentation:
    """Composed augmentation steps, created by `compose`.

    Steps are applied by kind: geometric steps first, all in one resampling, then changes of values, then
    cutouts, then blending. Steps of one kind keep their order.

    Attributes:
        steps: The steps, in order.
        fill: Pixels outside the image: "edge" for the nearest pixel, "zeros", or "reflect".
        limits: Range that values are clipped to; None for no clipping (uint8 is always clipped to 0 to 255).
    """

    steps: tuple[Step, ...]
    fill: Fill = "edge"
    limits: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        """Check the steps, the fill and the limits."""
        for step in self.steps:
            _check_step(step)
        check_choice(self.fill, "fill", PADDING)
        if self.limits is None:
            return
        if not isinstance(self.limits, Sequence) or len(self.limits) != 2:  # pyright: ignore[reportUnnecessaryIsInstance, reportUnnecessaryComparison]
            what = f"limits: expected a range or None, got {show_value(self.limits)}"
            raise UsageError(what, hint="pass (low, high)")
        low, high = span(self.limits, "limits")
        for step in self.steps:
            if isinstance(step, Cutout) and not low <= step.value <= high:
                what = f"value of Cutout is {step.value}, outside of limits from {low:g} to {high:g}"
                raise UsageError(what, hint="pass a value within the limits")

    @overload
    def __call__(self, images: Tensor, labels: None = None, *, seed: int | Generator) -> Tensor: ...
    @overload
    def __call__(self, images: Tensor, labels: Tensor, *, seed: int | Generator) -> tuple[Tensor, Tensor]: ...
    def __call__(
        self, images: Tensor, labels: Tensor | None = None, *, seed: int | Generator
    ) -> Tensor | tuple[Tensor, Tensor]:
        """Augment each image of a batch independently.

        Args:
            images: float or uint8 [N, channels, height, width] on any device; not changed.
            labels: [N], or [N, ...]; required and changed only by `Mixup`.
            seed: An int, or a generator, whose state advances. Equal seeds produce equal results; an int, or
                a generator on the CPU, samples the same parameters on every device.

        Returns:
            Images of the same dtype, on the same device; with `labels`, a pair of images and labels.

        Raises:
            SchemaError: `images` has a different dtype or number of dimensions, or no pixels; or the numbers
                of images and labels differ.
            UsageError: A step cannot be applied to these images or labels, or `seed` is not an integer.
        """
        _check_images(images, labels)
        for step in self.steps:
            if isinstance(step, ColourStep | Cutout):
                step.check_images(images)
        if isinstance(seed, Generator):
            generator = seed
        else:
            generator = torch.Generator().manual_seed(check_integer(seed, "seed"))
        with torch.no_grad():
            sampled = sample_augmentation(self.steps, images.shape, generator, images.device)
            augmented = sampled.apply(images, self.fill, self.limits)
            return self._blend(augmented, labels, generator)

    def _blend(
        self, images: Tensor, labels: Tensor | None, generator: Generator
    ) -> Tensor | tuple[Tensor, Tensor]:
        for step in self.steps:
            if isinstance(step, Mixup):
                if labels is None:
                    raise UsageError("Mixup requires labels", hint="pass labels, or omit Mixup")
                images, labels = step(images, labels, generator)
        return images if labels is None else (images, labels)


def _check_step(step: Any) -> None:
    if isinstance(step, Step):
        return
    hint = "pass steps such as Flip()"
    if isinstance(step, list | tuple):
        hint = "pass each step as an argument of its own: compose(*steps)"
    elif isinstance(step, Augmentation):
        hint = "compose all steps at once"
    elif isinstance(step, type):
        hint = f"create it: {step.__name__}(...)"
    raise UsageError(f"expected steps of augmentation, got {show_value(step)}", hint=hint)


def _check_images(images: Any, labels: Any) -> None:
    hint = "pass float or uint8 [N, channels, height, width]"
    if not isinstance(images, Tensor):
        raise SchemaError(f"expected images, got {show_value(images)}", hint=hint)
    is_known = images.is_floating_point() or images.dtype == torch.uint8
    if images.ndim != 4 or not is_known or not all(images.shape[1:]):
        what = f"expected images, got {str(images.dtype).removeprefix('torch.')}{list(images.shape)}"
        raise SchemaError(what, hint=hint)
    if labels is not None and not (isinstance(labels, Tensor) and labels.ndim and len(labels) == len(images)):
        got = list(labels.shape) if isinstance(labels, Tensor) else show_value(labels)
        raise SchemaError(
            f"expected labels of {len(images)} images, got {got}", hint="pass a tensor [N, ...]"
        )


def compose(*steps: Step, fill: Fill = "edge", limits: tuple[float, float] | None = None) -> Augmentation:
    """Compose steps into one augmentation, a value that can be compared and printed.

    Args:
        steps: The steps; see `Augmentation` for the order in which they are applied.
        fill: Pixels outside the image: "edge" for the nearest pixel, "zeros", or "reflect".
        limits: Range that values are clipped to; None for no clipping.

    Raises:
        UsageError: An argument is not a step, `fill` is unknown, `limits` is not a range, or the value of a
            cutout is outside of it.

    Example:
        >>> augment = compose(Flip(), Shift(0.1), Rotate(15))
        >>> augment(torch.zeros(2, 3, 8, 8), seed=0).shape
        torch.Size([2, 3, 8, 8])
    """
    return Augmentation(steps, fill, limits)
