"""Augmentation of the images of a batch, with seeds that a resumed training finds again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from torch import Tensor

from headrace.errors import SchemaError
from headrace.training.model_inputs import Features

if TYPE_CHECKING:
    from headrace.vision.augment import Augmentation

__all__ = ["augment_batch", "batch_seed"]


def batch_seed(seed: int, epoch: int, batch: int) -> int:
    """Derive the seed of one batch of one epoch, so that no random state needs to be stored."""
    digest = hashlib.blake2b(f"{seed} {epoch} {batch}".encode(), digest_size=7)
    return int.from_bytes(digest.digest(), "big")


def augment_batch(augment: Augmentation, features: Features, labels: Any, seed: int) -> tuple[Features, Any]:
    """Augment the images of a batch, and blend the labels if the augmentation blends images.

    Returns:
        The features with the images replaced, and the labels.

    Raises:
        SchemaError: Not exactly one feature is a batch of images, float or uint8
            [N, channels, height, width].
    """
    images = [name for name, value in features.items() if isinstance(value, Tensor) and value.ndim == 4]
    if len(images) != 1:
        raise SchemaError(
            f"augment expects one feature of shape [N, channels, height, width], got {len(images)}",
            feature=images[0] if images else None,
            hint="reshape the images in the preprocessing function, or train without augment",
        )
    changed, labels = augment(features[images[0]], labels, seed=seed)
    return {**features, images[0]: changed}, labels
