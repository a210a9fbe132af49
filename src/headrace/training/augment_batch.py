"""Batches with their images augmented, by a seed that a resumed training finds again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from torch import Tensor

from headrace.errors import SchemaError
from headrace.training.model_inputs import Features

if TYPE_CHECKING:
    from headrace.vision.augment import Augmentation

__all__ = ["augmented", "batch_seed"]


def batch_seed(seed: int, epoch: int, batch: int) -> int:
    """A seed for one batch of one epoch, by which nothing needs to be remembered between batches."""
    digest = hashlib.blake2b(f"{seed} {epoch} {batch}".encode(), digest_size=7)
    return int.from_bytes(digest.digest(), "big")


def augmented(
    augment: Augmentation, features: Features, labels: Tensor, seed: int
) -> tuple[Features, Tensor]:
    """The features with other images, and the labels, blended if the images are.

    Raises:
        SchemaError: No feature is images, float or uint8 [N, channels, height, width], or several are.
    """
    images = [name for name, value in features.items() if isinstance(value, Tensor) and value.ndim == 4]
    if len(images) != 1:
        raise SchemaError(
            f"augment changes the one feature of shape [N, channels, height, width]; here are {len(images)}",
            feature=images[0] if images else None,
            hint="reshape the images in the preprocessing function, or train without augment",
        )
    changed, labels = augment(features[images[0]], labels, seed=seed)
    return {**features, images[0]: changed}, labels
