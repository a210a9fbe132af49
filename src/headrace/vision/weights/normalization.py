"""The means and deviations of the images that published weights were trained on."""

from __future__ import annotations

from typing import TypedDict

__all__ = ["HALF", "IMAGENET", "IMAGENET_TO_HALF", "Normalization"]


class Normalization(TypedDict):
    """The fields of `ModelSpec` that say how pixels of [0, 1], red, green and blue, are normalised."""

    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]


IMAGENET: Normalization = {"mean": (0.485, 0.456, 0.406), "deviation": (0.229, 0.224, 0.225)}
HALF: Normalization = {"mean": (0.5, 0.5, 0.5), "deviation": (0.5, 0.5, 0.5)}

# From images normalised by IMAGENET to those normalised by HALF: scales and offsets.
IMAGENET_TO_HALF = (
    tuple(deviation / 0.5 for deviation in IMAGENET["deviation"]),
    tuple((mean - 0.5) / 0.5 for mean in IMAGENET["mean"]),
)
