"""Random augmentation of whole batches of images.

augment = compose(Flip(), Shift(0.1), Rotate(15), Contrast(0.2), Cutout(8))
images = augment(images, seed=0)  # [N, channels, height, width], float or uint8
"""

from headrace.vision.augment.augmentation import Augmentation, compose
from headrace.vision.augment.colour import Brightness, Contrast, Lighting
from headrace.vision.augment.crop import RandomCrop, RandomResizedCrop
from headrace.vision.augment.cutout import Cutout
from headrace.vision.augment.geometry import Flip, Resize, Rotate, Shift, Zoom
from headrace.vision.augment.mixup import Mixup

__all__ = [
    "Augmentation",
    "Brightness",
    "Contrast",
    "Cutout",
    "Flip",
    "Lighting",
    "Mixup",
    "RandomCrop",
    "RandomResizedCrop",
    "Resize",
    "Rotate",
    "Shift",
    "Zoom",
    "compose",
]
