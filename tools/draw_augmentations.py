"""Draw the effect of each step of hr.vision.augment: one row per step, the original image on the left.

python tools/draw_augmentations.py docs/augmentations.png             # the embedded Fashion-MNIST images
python tools/draw_augmentations.py sheet.png --images FOLDER          # JPEG or PNG files of one size
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from colorsys import hsv_to_rgb
from pathlib import Path

import torch
from torch import Tensor

import headrace as hr
from headrace.cli.drawing.image_grid import Panel, Tile, draw_image_grid
from headrace.images import decode_image
from headrace.vision import augment as a
from headrace.vision.augment.augmentation import Step

COLUMNS = 12


def fashion() -> Tensor:
    """Load one image of each class, in a colour of its own on a light background: uint8 [10, 3, 28, 28]."""
    rows = next(iter(hr.datasets.load("fashion_mnist", "test").batch(400)))
    labels = rows["label"].to_pylist()
    positions = [labels.index(label) for label in range(10)]
    grey = torch.tensor(rows["image"].to_numpy_ndarray()[positions])[:, None] / 255
    colours = torch.tensor([hsv_to_rgb(label / 10, 0.8, 0.9) for label in range(10)])[:, :, None, None]
    shaded = colours * (0.35 + 0.65 * grey)
    return (torch.where(grey > 0.05, shaded, torch.tensor(0.93)) * 255).round().to(torch.uint8)


def read_pictures(folder: Path) -> Tensor:
    """Read ten images of a folder, uint8 [10, 3, height, width]."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    chosen = files[:: max(1, len(files) // 10)][:10]
    pixels = [torch.tensor(decode_image(path.read_bytes(), channels=3)) for path in chosen]
    return torch.stack(pixels).permute(0, 3, 1, 2)


def rows(images: Tensor) -> list[tuple[a.Augmentation, str]]:
    """List augmentations and their titles."""
    height, width = images.shape[2:]
    side = width // 3
    steps: list[Step] = [
        a.Flip(),
        a.RandomCrop(height, width, padding=height // 8),
        a.Shift(0.2),
        a.Rotate(30),
    ]
    steps += [a.Shear(0.3), a.Zoom(0.4)]
    steps += [a.RandomResizedCrop(height, width, area=(0.2, 1.0)), a.Brightness(0.4), a.Contrast(0.7)]
    if images.shape[1] == 3:
        steps += [a.Saturation((0, 2)), a.Hue(180), a.Lighting.from_images(images, deviation=0.5)]
    steps += [a.GaussianBlur(), a.TrivialAugment(), a.Cutout(side, value=127), a.CutMix(), a.Mixup(2.0)]
    found = [(a.compose(step), _title(step)) for step in steps]
    outside = (
        "Rotate(degrees=30), fill=(0, 90, 160)" if images.shape[1] == 3 else "Rotate(degrees=30), fill=160"
    )
    filled = a.compose(a.Rotate(30), fill=(0, 90, 160) if images.shape[1] == 3 else 160)
    together = (a.Flip(), a.Shift(0.1), a.Rotate(15), a.Zoom(0.2), a.Contrast(0.3), a.Brightness(0.2))
    names = ", ".join([*(type(step).__name__ for step in together), "Cutout"])
    everything = a.compose(*together, a.Cutout(side, value=127))
    return [*found, (filled, outside), (everything, f"together: {names}")]


def _title(step: object) -> str:
    return (
        f"{type(step).__name__}.from_images(images, deviation=0.5)"
        if isinstance(step, a.Lighting)
        else repr(step)
    )


def _tile(image: Tensor) -> Tile:
    pixels = image.permute(1, 2, 0)
    return Tile(pixels.expand(-1, -1, 3).contiguous().numpy())


def panels(images: Tensor) -> Iterator[Panel]:
    """Yield a row per step, each with a different image; Mixup and CutMix mix it with the other images."""
    for number, (augment, title) in enumerate(rows(images)):
        chosen = images[(number + 9) % len(images)]  # starts with an image that shows a flip well
        batch = torch.cat([chosen.expand(COLUMNS - 1, -1, -1, -1), images.repeat(5, 1, 1, 1)])
        changed, _ = augment(batch, torch.arange(len(batch)).float(), seed=number)
        shown = [chosen, *changed[: COLUMNS - 1]]
        yield Panel(title, [_tile(image) for image in shown], COLUMNS)


def main() -> None:
    """Draw the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--images", type=Path)
    options = parser.parse_args()
    images = fashion() if options.images is None else read_pictures(options.images)
    draw_image_grid(panels(images)).save(options.out, "PNG", optimize=True)


if __name__ == "__main__":
    main()
