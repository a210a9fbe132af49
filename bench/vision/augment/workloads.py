"""The images to augment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["WORKLOADS", "Images"]


@dataclass(frozen=True)
class Images:
    """Random images of three channels.

    Attributes:
        side: Height and width.
        dtype: "uint8", or "float32" from 0 to 1.
        count: Number of images per pass.
        batch: Number of images per batch.
        target: Target speedup over the peer.
    """

    side: int
    dtype: str
    count: int
    batch: int
    target: float

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
    "32-uint8": Images(32, "uint8", 2048, 512, target=3),
    "32-float": Images(32, "float32", 2048, 512, target=3),
    "224-uint8": Images(224, "uint8", 256, 64, target=1.5),
    "224-float": Images(224, "float32", 256, 64, target=1.5),
}
