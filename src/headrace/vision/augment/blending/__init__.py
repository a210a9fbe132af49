"""Steps that mix the images of a batch, and their labels, in pairs."""

from headrace.vision.augment.blending.cutmix import CutMix
from headrace.vision.augment.blending.mixup import Mixup

__all__ = ["CutMix", "Mixup"]
