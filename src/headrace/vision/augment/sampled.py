"""What has been drawn for a batch, and its application, a part of the batch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import torch
from torch import Generator, Tensor

from headrace.vision.augment.colour import Colouring, Values
from headrace.vision.augment.cutout import Cutout
from headrace.vision.augment.geometry import Geometric, Resize, Size
from headrace.vision.augment.resample import Fill, average_blocks, resample

__all__ = ["Plan", "draw_plan"]

CHUNK = 1 << 19  # values that stay in a processor's cache from the first step to the last


@dataclass(frozen=True)
class Plan:
    """What happens to each image of a batch.

    Attributes:
        maps: From places in the result to places in the image, [N, 3, 3]; None if nothing moves.
        size: The result's height and width.
        blocks: How many pixels down and across are averaged to one before that.
        nearest: Whether every pixel comes from a whole pixel.
        colours: Steps that change values, and what they have drawn.
        holes: Squares, and the pixels inside.
    """

    maps: Tensor | None
    size: Size
    blocks: tuple[int, int]
    nearest: bool
    colours: tuple[tuple[Colouring, Tensor], ...]
    holes: tuple[tuple[Cutout, Tensor], ...]

    def part(self, rows: slice) -> Plan:
        """The plan of some of the images."""
        return Plan(
            None if self.maps is None else self.maps[rows],
            self.size,
            self.blocks,
            self.nearest,
            tuple((step, drawn[rows]) for step, drawn in self.colours),
            tuple((step, pixels[rows]) for step, pixels in self.holes),
        )

    def apply(self, images: Tensor, fill: Fill, limits: tuple[float, float] | None) -> Tensor:
        """New images; see `Augmentation`."""
        out = images.new_empty((*images.shape[:2], *self.size))
        each = max(1, out[:1].numel(), images[:1].numel())
        on_cpu = images.device.type == "cpu"
        chunk = torch.get_num_threads() * max(1, CHUNK // each) if on_cpu else max(1, len(images))
        for start in range(0, len(images), chunk):
            rows = slice(start, start + chunk)
            self.part(rows).write(images[rows], out[rows], fill, limits)
        return out

    def write(self, images: Tensor, out: Tensor, fill: Fill, limits: tuple[float, float] | None) -> None:
        """Write the new images to `out`."""
        exact = out.dtype in (torch.float32, torch.float64)
        values = out if exact else torch.empty_like(out, dtype=torch.float32)
        moved = self._move(images.to(values.dtype), fill)
        if self.colours:
            scale, offset = self._colour(moved, unit=1.0 if out.is_floating_point() else 255.0)
            torch.mul(moved, scale[..., None, None], out=values).add_(offset[..., None, None])
        else:
            values.copy_(moved)
        if limits is not None or not out.is_floating_point():
            values.clamp_(*(limits or (0, 255)))
        for hole, pixels in self.holes:
            hole.cut(values, pixels)
        if not exact:
            out.copy_(values if out.is_floating_point() else values.round_())

    def _move(self, images: Tensor, fill: Fill) -> Tensor:
        if self.maps is None:
            return images
        maps = self.maps
        if self.blocks != (1, 1):
            images, to_blocks = average_blocks(images, self.blocks)
            maps = to_blocks @ maps
        return resample(images, maps, self.size, nearest=self.nearest, fill=fill)

    def _colour(self, images: Tensor, unit: float) -> tuple[Tensor, Tensor]:
        means = images.mean(dim=(2, 3))
        values = Values(means, torch.ones_like(means[:, :1]), torch.zeros_like(means), unit)
        for step, drawn in self.colours:
            values = step.change(values, drawn.to(means.dtype))
        return values.scale, values.offset


def draw_plan(
    steps: Sequence[object], shape: Sequence[int], generator: Generator, device: torch.device
) -> Plan:
    """Draws for images of a shape [N, channels, height, width]: moves, then values, then squares."""
    count, channels, *size = shape
    moves = [step for step in steps if isinstance(step, Geometric)]
    maps, size, blocks = _compose(moves, count, (size[0], size[1]), generator)
    colours = [step for step in steps if isinstance(step, Colouring)]
    holes = [step for step in steps if isinstance(step, Cutout)]
    return Plan(
        None if maps is None else maps.to(device),
        size,
        blocks,
        all(step.onto_pixels for step in moves),
        tuple((step, step.draw(count, channels, generator).to(device)) for step in colours),
        tuple((step, step.draw(count, size, generator).to(device)) for step in holes),
    )


def _compose(
    moves: Sequence[Geometric], count: int, size: Size, generator: Generator
) -> tuple[Tensor | None, Size, tuple[int, int]]:
    """The product of all maps, the size of the result, and the blocks that all resizing together allows."""
    maps: list[Tensor] = []
    down, across = 1.0, 1.0
    for step in moves:
        one, result = step.view(count, size, generator)
        if isinstance(step, Resize):
            down, across = down * size[0] / result[0], across * size[1] / result[1]
        maps.append(one)
        size = result
    blocks = max(1, int(down)), max(1, int(across))
    return reduce(torch.matmul, maps) if maps else None, size, blocks
