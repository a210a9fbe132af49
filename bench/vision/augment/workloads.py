"""The images to augment, and the steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["WORKLOADS", "Images"]


@dataclass(frozen=True)
class Images:
    """Random images of three channels.

    Attributes:
        steps: What is done to them: "all" seven steps, "crop" with a flip, "colour", "blur" or "trivial".
        side: Height and width.
        dtype: "uint8", or "float32" from 0 to 1.
        count: Number of images per pass.
        batch: Number of images per batch.
        target: Target ratio of the CPU time of torchvision.
        crop: Side of the result, and padding, of "crop".
    """

    steps: str
    side: int
    dtype: str
    count: int
    batch: int
    target: float
    crop: tuple[int, int] = (0, 0)

    @property
    def hole(self) -> int:
        """The side of the cutout."""
        return self.side // 4

    def images(self) -> Any:
        """Generate a tensor [count, 3, side, side]."""
        import torch

        shape = (self.count, 3, self.side, self.side)
        pixels = torch.randint(256, shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
        return pixels if self.dtype == "uint8" else pixels / 255

    def mean(self, batch: Any) -> dict[str, float]:
        """Return the mean of a batch, from 0 to 1."""
        return {"mean": batch.double().mean().item() / (255 if self.dtype == "uint8" else 1)}


WORKLOADS = {
    "32-uint8": Images("all", 32, "uint8", 2048, 512, target=3),
    "32-float": Images("all", 32, "float32", 2048, 512, target=3),
    "224-uint8": Images("all", 224, "uint8", 256, 64, target=1.5),
    "224-float": Images("all", 224, "float32", 256, 64, target=1.5),
    "32-crop": Images("crop", 32, "uint8", 4096, 128, target=10, crop=(32, 4)),
    "256-crop": Images("crop", 256, "uint8", 512, 64, target=3, crop=(224, 0)),
    "224-colour": Images("colour", 224, "uint8", 128, 64, target=1.5),
    "224-blur": Images("blur", 224, "uint8", 128, 64, target=1.5),
    "32-trivial": Images("trivial", 32, "uint8", 1024, 512, target=3),
    "224-trivial": Images("trivial", 224, "uint8", 128, 64, target=1.5),
}
