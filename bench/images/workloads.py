"""Folders of JPEG files, and what is made of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

__all__ = ["BATCH", "CLASSES", "DEVIATION", "MEAN", "PADDING", "WORKLOADS", "Folder"]

BATCH, PADDING = 128, 4
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CLASSES = tuple(f"class{number}" for number in range(10))


@dataclass(frozen=True)
class Folder:
    """Files in one folder per class, all of one size.

    Attributes:
        files: Their number.
        side: Height and width of a file, in pixels.
        target: Height and width of a tensor.
        augmented: Whether images are flipped, and cropped after padding.
    """

    files: int
    side: int
    target: int
    augmented: bool

    def write(self, root: Path) -> None:
        """Write the files; a tenth of them differ."""
        import simplejpeg  # not in the environment of tf.data

        random = np.random.default_rng(0)
        different = [
            simplejpeg.encode_jpeg(photo(random, self.side), 90, "RGB", "420")
            for _ in range(self.files // 10)
        ]
        for number in range(self.files):
            folder = root / CLASSES[number % len(CLASSES)]
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{number:05}.jpg").write_bytes(different[number % len(different)])

    def list_files(self, root: Path) -> Iterator[tuple[str, int]]:
        """List path and class number of each file."""
        for label, name in enumerate(CLASSES):
            yield from ((str(path), label) for path in sorted((root / name).iterdir()))


WORKLOADS = {"small": Folder(10_000, 32, 32, True), "medium": Folder(1_000, 256, 224, False)}


def photo(random: np.random.Generator, side: int) -> np.ndarray:
    """Make blocks of colours with some noise, uint8 [side, side, 3]."""
    blocks = random.normal(128, 40, (side // 8, side // 8, 3)).repeat(8, 0).repeat(8, 1)
    return np.clip(blocks + random.normal(0, 8, blocks.shape), 0, 255).astype(np.uint8)
