"""Augmentation of the images of a batch, with seeds that a resumed training finds again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import Tensor

from headrace.errors import SchemaError
from headrace.training.model_inputs import Features
from headrace.training.tasks import Split

if TYPE_CHECKING:
    from headrace.vision.augment import Augmentation

__all__ = ["augment_batch", "augment_split"]


def augment_batch(
    augment: Augmentation, features: Features, labels: Any, seed: int, epoch: int
) -> tuple[Features, Any]:
    """Augment the images of a batch, and blend the labels if the augmentation blends images.

    A function in place of an augmentation does not get the epoch.

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
    epochs = {"epoch": epoch} if getattr(augment, "alternates", False) else {}
    changed, labels = augment(features[images[0]], labels, seed=seed, **epochs)
    return {**features, images[0]: changed}, labels


def augment_split(augment: Augmentation, batch: Split, seed: int, epoch: int) -> Split:
    """Augment a batch for a training step; see `augment_batch`."""
    return Split(*augment_batch(augment, batch.features, batch.labels, seed, epoch), batch.weights)
