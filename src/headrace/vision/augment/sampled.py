"""The sampled parameters of an augmentation for one batch, applied in chunks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import torch
from torch import Generator, Tensor

from headrace.vision.augment.colour import AffineValues, ColourStep
from headrace.vision.augment.cutout import Cutout
from headrace.vision.augment.geometry import GeometricStep, Resize, Size
from headrace.vision.augment.resample import Fill, average_blocks, resample

__all__ = ["SampledAugmentation", "sample_augmentation"]

CHUNK = 1 << 19  # values that stay in a core's cache from the first step to the last


@dataclass(frozen=True)
class SampledAugmentation:
    """Sampled parameters for each image of a batch.

    Attributes:
        maps: Affine maps from output to input positions, [N, 3, 3]; None without geometric steps.
        size: Height and width of the output.
        blocks: (height, width) of the blocks of pixels that are averaged before resampling.
        nearest: Whether each output pixel is an input pixel, so that no values are interpolated.
        colours: Steps that change values, and their parameters.
        cutouts: Steps that cut out squares, and the pixels of the squares.
    """

    maps: Tensor | None
    size: Size
    blocks: tuple[int, int]
    nearest: bool
    colours: tuple[tuple[ColourStep, Tensor], ...]
    cutouts: tuple[tuple[Cutout, Tensor], ...]

    def select(self, rows: slice) -> SampledAugmentation:
        """Select the parameters of some of the images."""
        return SampledAugmentation(
            None if self.maps is None else self.maps[rows],
            self.size,
            self.blocks,
            self.nearest,
            tuple((step, parameters[rows]) for step, parameters in self.colours),
            tuple((step, pixels[rows]) for step, pixels in self.cutouts),
        )

    def apply(self, images: Tensor, fill: Fill, limits: tuple[float, float] | None) -> Tensor:
        """Augment images, in chunks; see `Augmentation`."""
        out = images.new_empty((*images.shape[:2], *self.size))
        each = max(1, out[:1].numel(), images[:1].numel())
        on_cpu = images.device.type == "cpu"
        chunk = torch.get_num_threads() * max(1, CHUNK // each) if on_cpu else max(1, len(images))
        for start in range(0, len(images), chunk):
            rows = slice(start, start + chunk)
            self.select(rows).write(images[rows], out[rows], fill, limits)
        return out

    def write(self, images: Tensor, out: Tensor, fill: Fill, limits: tuple[float, float] | None) -> None:
        """Write the augmented images to `out`."""
        exact = out.dtype in (torch.float32, torch.float64)
        values = out if exact else torch.empty_like(out, dtype=torch.float32)
        moved = self._resample(images.to(values.dtype), fill)
        if self.colours:
            scale, offset = self._compose_colours(moved, unit=1.0 if out.is_floating_point() else 255.0)
            torch.mul(moved, scale[..., None, None], out=values).add_(offset[..., None, None])
        else:
            values.copy_(moved)
        if limits is not None:
            values.clamp_(*limits)
        if not out.is_floating_point():
            values.clamp_(0, 255)
        for step, pixels in self.cutouts:
            step.cut(values, pixels)
        if not exact:
            out.copy_(values if out.is_floating_point() else values.round_())

    def _resample(self, images: Tensor, fill: Fill) -> Tensor:
        if self.maps is None:
            return images
        maps = self.maps
        if self.blocks != (1, 1):
            images, to_blocks = average_blocks(images, self.blocks)
            maps = to_blocks @ maps
        return resample(images, maps, self.size, nearest=self.nearest, fill=fill)

    def _compose_colours(self, images: Tensor, unit: float) -> tuple[Tensor, Tensor]:
        means = images.mean(dim=(2, 3))
        values = AffineValues(means, torch.ones_like(means[:, :1]), torch.zeros_like(means), unit)
        for step, parameters in self.colours:
            values = step.apply(values, parameters.to(means.dtype))
        return values.scale, values.offset


def sample_augmentation(
    steps: Sequence[object], shape: Sequence[int], generator: Generator, device: torch.device
) -> SampledAugmentation:
    """Sample the parameters of geometric steps, colour steps and cutouts, in this order.

    Args:
        steps: The steps; those of other kinds are ignored.
        shape: The shape of the images, [N, channels, height, width].
        generator: The source of randomness.
        device: The device of the parameters.
    """
    count, channels, *size = shape
    moves = [step for step in steps if isinstance(step, GeometricStep)]
    maps, size, blocks = _compose_maps(moves, count, (size[0], size[1]), generator)
    colours = [step for step in steps if isinstance(step, ColourStep)]
    cutouts = [step for step in steps if isinstance(step, Cutout)]
    return SampledAugmentation(
        None if maps is None else maps.to(device),
        size,
        blocks,
        all(step.exact for step in moves),
        tuple((step, step.sample(count, channels, generator).to(device)) for step in colours),
        tuple((step, step.sample(count, size, generator).to(device)) for step in cutouts),
    )


def _compose_maps(
    moves: Sequence[GeometricStep], count: int, size: Size, generator: Generator
) -> tuple[Tensor | None, Size, tuple[int, int]]:
    """Return the product of all maps, the output size, and the blocks to average for the total resizing."""
    maps: list[Tensor] = []
    down, across = 1.0, 1.0
    for step in moves:
        step_maps, result = step.sample(count, size, generator)
        if isinstance(step, Resize):
            down, across = down * size[0] / result[0], across * size[1] / result[1]
        maps.append(step_maps)
        size = result
    blocks = max(1, int(down)), max(1, int(across))
    return reduce(torch.matmul, maps) if maps else None, size, blocks
