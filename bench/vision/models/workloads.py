"""Which models run, on what, and who competes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

__all__ = ["WORKLOADS", "Model"]

_BAR = 1.0
_CHOICES = ("fused", "eager", "contiguous")


@dataclass(frozen=True)
class Model:
    """A model, a batch of random images for it, and its peers.

    Attributes:
        name: What we call it.
        side: The images' height and width.
        channels: Of the images.
        classes: How many.
        batch: Images in a batch.
        peers: Side to what it calls the model.
        choices: Sides that are our own model, run in another way.
        bar: How many times each peer's rate ours should be.
    """

    name: str
    side: int
    batch: int
    peers: Mapping[str, str] = field(default_factory=dict[str, str])
    choices: Sequence[str] = _CHOICES
    channels: int = 3
    classes: int = 1000
    bar: float = _BAR

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
            choices=(*_CHOICES, "compiled"),
        ),
        Model("vgg16", 224, 8, {"torchvision": "vgg16", "timm": "vgg16", "keras": "VGG16"}),
        Model("googlenet_bn", 224, 32, {"torchvision": "googlenet"}),
        Model("xception", 299, 8, {"timm": "legacy_xception", "keras": "Xception"}),
        Model(
            "fashion_cnn",
            28,
            64,
            {"torchvision": "", "keras": ""},
            choices=(*_CHOICES, "compiled"),
            channels=1,
            classes=10,
        ),
    )
}
