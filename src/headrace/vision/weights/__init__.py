"""Weights from files, by Headrace's tensor names or those of another library."""

from headrace.vision.weights.fine_tune import LoadedWeights
from headrace.vision.weights.load import find_arguments, load_weights
from headrace.vision.weights.match import Naming
from headrace.vision.weights.normalization import HALF, IMAGENET, IMAGENET_TO_HALF

__all__ = [
    "HALF",
    "IMAGENET",
    "IMAGENET_TO_HALF",
    "LoadedWeights",
    "Naming",
    "find_arguments",
    "load_weights",
]
