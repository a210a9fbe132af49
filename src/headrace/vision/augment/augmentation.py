"""Compose augmentation steps and apply them to a whole batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar, overload

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from headrace.arguments import check_choice, check_integer, check_number, show_value
from headrace.errors import UsageError
from headrace.vision.augment.alternation import alternate_images
from headrace.vision.augment.batch import (
    AugmentedBatch,
    as_native,
    as_tensor,
    check_images,
    check_masks,
    map_labels,
)
from headrace.vision.augment.blending import CutMix, Mixup
from headrace.vision.augment.boxes import check_boxes, move_boxes
from headrace.vision.augment.colour import ColourStep
from headrace.vision.augment.cutout import Cutout
from headrace.vision.augment.evaluation import PADDING, BatchParameters, Fill, evaluate, move_masks
from headrace.vision.augment.geometry import Flip, GeometricStep
from headrace.vision.augment.ranges import check_channel_values, check_storable, open_generator, span
from headrace.vision.augment.sampled import sample_augmentation
from headrace.vision.augment.trivial_augment import TrivialAugment

__all__ = ["Augmentation", "Step", "compose"]

Step: TypeAlias = GeometricStep | ColourStep | TrivialAugment | Cutout | Mixup | CutMix
Seed: TypeAlias = int | Sequence[int] | Generator
Array = TypeVar("Array", Tensor, NDArray[Any])
Labels = TypeVar("Labels", Tensor, NDArray[Any], Mapping[str, Any])


@dataclass(frozen=True)
class Augmentation:
    """Composed augmentation steps, created by `compose`.

    Steps are applied by kind: geometric steps first, all in one resampling, then changes of values, then
    cutouts, then blending. Steps of one kind keep their order.

    Attributes:
        steps: The steps, in order.
        fill: Pixels outside the image: "edge" for the nearest pixel, "zeros", "reflect", a value, or a value
            for each channel.
        limits: Range that values are clipped to; None for no clipping (uint8 is always clipped to 0 to 255).
    """

    steps: tuple[Step, ...]
    fill: Fill = "edge"
    limits: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        """Check the steps, the fill and the limits."""
        for step in self.steps:
            _check_step(step)
        if isinstance(self.fill, str) or self.fill is None:  # pyright: ignore[reportUnnecessaryComparison]
            check_choice(self.fill, "fill", PADDING)
        else:
            object.__setattr__(self, "fill", check_channel_values(self.fill, "fill"))
        if self.limits is not None:
            self._check_limits(self.limits)

    def _check_limits(self, limits: tuple[float, float]) -> None:
        if not isinstance(limits, Sequence) or len(limits) != 2:  # pyright: ignore[reportUnnecessaryIsInstance, reportUnnecessaryComparison]
            what = f"limits: expected a range or None, got {show_value(limits)}"
            raise UsageError(what, hint="pass (low, high)")
        low, high = span(limits, "limits")
        for step in self.steps:
            values = step.value if isinstance(step, Cutout) else ()
            for value in values if isinstance(values, tuple) else (values,):
                if not low <= value <= high:
                    what = f"value of Cutout is {value}, outside of limits from {low:g} to {high:g}"
                    raise UsageError(what, hint="pass a value within the limits")

    @overload
    def __call__(
        self, images: Array, labels: None = None, *, seed: Seed, epoch: int | None = None
    ) -> Array: ...
    @overload
    def __call__(
        self, images: Array, labels: Labels, *, seed: Seed, epoch: int | None = None
    ) -> tuple[Array, Labels]: ...
    @overload
    def __call__(
        self,
        images: Array,
        labels: Array | Mapping[str, Any] | None = None,
        *,
        seed: Seed,
        epoch: int | None = None,
        masks: Array,
        boxes: Sequence[Any] | None = None,
        box_labels: Sequence[Any] | None = None,
        mask_fill: int = 0,
        min_area: float = 0.1,
    ) -> AugmentedBatch: ...
    @overload
    def __call__(
        self,
        images: Array,
        labels: Array | Mapping[str, Any] | None = None,
        *,
        seed: Seed,
        epoch: int | None = None,
        masks: None = None,
        boxes: Sequence[Any],
        box_labels: Sequence[Any] | None = None,
        min_area: float = 0.1,
    ) -> AugmentedBatch: ...
    def __call__(
        self,
        images: Any,
        labels: Any = None,
        *,
        seed: Seed,
        epoch: int | None = None,
        masks: Any = None,
        boxes: Sequence[Any] | None = None,
        box_labels: Sequence[Any] | None = None,
        mask_fill: int = 0,
        min_area: float = 0.1,
    ) -> Any:
        """Augment each image of a batch independently; masks and boxes move with their images.

        Arrays and tensors of equal values, and uint8 and float32, are augmented by the same sampled
        parameters. uint8 images are computed as float32 values from 0 to 255 and rounded once, half to even.

        Args:
            images: float or uint8 [N, channels, height, width]: a tensor on any device, or a NumPy array; not
                changed.
            labels: [N], or [N, ...], or a dict of them by output; required and changed only by `Mixup` and
                `CutMix`.
            seed: An int, ints such as the seed, the epoch and the number of the batch (as `fit` passes them),
                or a generator, whose state advances. Equal seeds produce equal results; ints, or a generator
                on the CPU, sample the same parameters on every device.
            epoch: The epoch, from 0, for flips that alternate by epochs; others do not need it.
            masks: [N, height, width] or [N, channels, height, width] of any type: each pixel of the result is
                a pixel of the mask. Only geometric steps change masks.
            boxes: An array [boxes, 4] per image: left, top, right, bottom in pixels from the left and top
                edge. A result is the box around the moved corners, clipped to the image.
            box_labels: Labels of the boxes, an array or a list per image.
            mask_fill: Pixels outside the mask, if `fill` is neither "edge" nor "reflect".
            min_area: The share of a moved box's area, from 0 to 1, that must be inside of the image; other
                boxes, and boxes without area, are dropped, with their labels.

        Returns:
            Images of the same kind and type, on the same device; with `labels`, a pair of images and labels;
            with `masks` or `boxes`, an `AugmentedBatch`.

        Raises:
            SchemaError: `images` has a different dtype or number of dimensions, or no pixels; or the numbers
                of images, labels, masks and boxes differ, or boxes are not [boxes, 4].
            UsageError: A step cannot be applied to these images, labels, masks or boxes, `seed` is not an
                integer, or an alternating flip gets no epoch.
        """
        check_images(images, labels)
        images, masks, labels = as_native(images), as_native(masks), map_labels(as_native, labels)
        self._check_applicable(images)
        moves_along = masks is not None or boxes is not None
        if moves_along:
            self._check_targets(images, masks, boxes, box_labels, mask_fill, min_area)
        elif box_labels is not None:
            raise UsageError("got box_labels without boxes", hint="pass boxes, too")
        generator = open_generator(seed)
        with torch.no_grad():
            parameters = sample_augmentation(
                self.steps,
                images.shape,
                generator,
                fill=self.fill,
                limits=self.limits,
                is_flipped=alternate_images(images, epoch) if self.alternates else None,
            )
            augmented, labels = self._blend(evaluate(parameters, images), labels, generator)
            result = augmented
            if isinstance(images, np.ndarray):
                result, labels = augmented.numpy(), map_labels(_as_array, labels)
            if moves_along:
                return _move_targets(
                    parameters, images, result, labels, masks, boxes, box_labels, mask_fill, min_area
                )
        return result if labels is None else (result, labels)

    @property
    def alternates(self) -> bool:
        """Whether a flip alternates by epochs, so that a call needs the epoch."""
        return any(isinstance(step, Flip) and step.alternate for step in self.steps)

    def _check_applicable(self, images: Any) -> None:
        for step in self.steps:
            if isinstance(step, ColourStep | Cutout | TrivialAugment):
                step.check_images(images)
        if not isinstance(self.fill, str):
            check_storable(self.fill, images, "fill")

    def _check_targets(
        self, images: Any, masks: Any, boxes: Any, box_labels: Any, mask_fill: int, min_area: float
    ) -> None:
        for step in self.steps:
            if isinstance(step, Mixup | CutMix):
                name = type(step).__name__
                raise UsageError(
                    f"{name} cannot mix masks or boxes", hint=f"omit {name}, or the masks and boxes"
                )
        check_number(min_area, "min_area", least=0, most=1)
        if masks is not None:
            check_masks(masks, images, check_integer(mask_fill, "mask_fill", -(2**63)))
        if boxes is not None:
            check_boxes(boxes, box_labels, len(images))
        elif box_labels is not None:
            raise UsageError("got box_labels without boxes", hint="pass boxes, too")

    def _blend(self, images: Tensor, labels: Any, generator: Generator) -> tuple[Tensor, Any]:
        for step in self.steps:
            if isinstance(step, Mixup | CutMix):
                if labels is None:
                    name = type(step).__name__
                    raise UsageError(f"{name} requires labels", hint=f"pass labels, or omit {name}")
                images, labels = step(images, map_labels(as_tensor, labels), generator)
        return images, labels


def _move_targets(
    parameters: BatchParameters,
    images: Any,
    result: Any,
    labels: Any,
    masks: Any,
    boxes: Sequence[Any] | None,
    box_labels: Sequence[Any] | None,
    mask_fill: int,
    min_area: float,
) -> AugmentedBatch:
    size, maps = images.shape[2:], parameters.maps
    if masks is not None:
        tensor = as_tensor(masks)
        moved = tensor.clone()
        if maps is not None:
            moved = move_masks(tensor, maps, parameters.size, fill=parameters.fill, value=mask_fill)
        masks = moved.numpy() if isinstance(masks, np.ndarray) else moved
    if boxes is not None:
        boxes, kept = move_boxes(boxes, maps, size, parameters.size, min_area)
        if box_labels is not None:
            box_labels = [_select(each, rows) for each, rows in zip(box_labels, kept, strict=True)]
    return AugmentedBatch(result, labels, masks, boxes, box_labels)


def _as_array(labels: Any) -> Any:
    return labels.numpy() if isinstance(labels, Tensor) else labels


def _select(labels: Any, rows: NDArray[np.int64]) -> Any:
    if isinstance(labels, list):
        return [labels[row] for row in rows.tolist()]
    return labels[torch.from_numpy(rows).to(labels.device)] if isinstance(labels, Tensor) else labels[rows]


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


def compose(*steps: Step, fill: Fill = "edge", limits: tuple[float, float] | None = None) -> Augmentation:
    """Compose steps into one augmentation, a value that can be compared and printed.

    Args:
        steps: The steps; see `Augmentation` for the order in which they are applied.
        fill: Pixels outside the image: "edge" for the nearest pixel, "zeros", "reflect", a value, or a value
            for each channel.
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
