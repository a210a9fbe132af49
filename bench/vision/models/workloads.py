"""The models, their inputs and their peers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

__all__ = ["WORKLOADS", "Model"]

_TARGET = 1.0
_VARIANTS = ("fused", "eager", "contiguous")


@dataclass(frozen=True)
class Model:
    """A model, a batch of random images for it, and its peers.

    Attributes:
        name: Headrace's name of the model.
        side: Height and width of the images.
        channels: Number of channels of the images.
        classes: Number of classes.
        batch: Number of images per batch.
        peers: The model's name in each peer.
        variants: Peers that run our own model in other ways.
        target: Target speedup over each peer.
    """

    name: str
    side: int
    batch: int
    peers: Mapping[str, str] = field(default_factory=dict[str, str])
    variants: Sequence[str] = _VARIANTS
    channels: int = 3
    classes: int = 1000
    target: float = _TARGET

    @property
    def images(self) -> np.ndarray:
        """float32 [batch, channels, side, side]."""
        shape = (self.batch, self.channels, self.side, self.side)
        return np.random.default_rng(0).standard_normal(shape, np.float32)

    @property
    def labels(self) -> np.ndarray:
        """int64 [batch]."""
        return np.random.default_rng(1).integers(self.classes, size=self.batch)


WORKLOADS = {
    each.name: each
    for each in (
        Model(
            "resnet50",
            224,
            16,
            {"torchvision": "resnet50", "timm": "resnet50", "keras": "ResNet50"},
            variants=(*_VARIANTS, "compiled"),
        ),
        Model("vgg16", 224, 8, {"torchvision": "vgg16", "timm": "vgg16", "keras": "VGG16"}),
        Model("googlenet_bn", 224, 32, {"torchvision": "googlenet"}),
        Model("xception", 299, 8, {"timm": "legacy_xception", "keras": "Xception"}),
        Model(
            "fashion_cnn",
            28,
            64,
            {"torchvision": "", "keras": ""},
            variants=(*_VARIANTS, "compiled"),
            channels=1,
            classes=10,
        ),
    )
}
