"""Random augmentation of whole batches of images.

augment = compose(Flip(), Shift(0.1), Rotate(15), Contrast(0.2), Cutout(8))
images = augment(images, seed=0)  # [N, channels, height, width], float or uint8
"""

from headrace.vision.augment.augmentation import Augmentation, compose
from headrace.vision.augment.batch import AugmentedBatch
from headrace.vision.augment.blending import CutMix, Mixup
from headrace.vision.augment.blur import GaussianBlur
from headrace.vision.augment.colour import Brightness, Contrast, Hue, Lighting, Saturation
from headrace.vision.augment.crop import RandomCrop, RandomResizedCrop
from headrace.vision.augment.cutout import Cutout
from headrace.vision.augment.geometry import Flip, Resize, Rotate, Shear, Shift, Zoom
from headrace.vision.augment.trivial_augment import TrivialAugment

__all__ = [
    "Augmentation",
    "AugmentedBatch",
    "Brightness",
    "Contrast",
    "CutMix",
    "Cutout",
    "Flip",
    "GaussianBlur",
    "Hue",
    "Lighting",
    "Mixup",
    "RandomCrop",
    "RandomResizedCrop",
    "Resize",
    "Rotate",
    "Saturation",
    "Shear",
    "Shift",
    "TrivialAugment",
    "Zoom",
    "compose",
]
