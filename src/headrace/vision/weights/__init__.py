"""Weights from files, by Headrace's tensor names or those of another library."""

from headrace.vision.weights.fine_tune import WITHOUT_HEAD, LoadedWeights, adapt_channels, drop_head
from headrace.vision.weights.load import find_arguments, load_weights
from headrace.vision.weights.match import Naming, find_matches
from headrace.vision.weights.normalization import HALF, IMAGENET, IMAGENET_TO_HALF
from headrace.vision.weights.read import read_tensors

__all__ = [
    "HALF",
    "IMAGENET",
    "IMAGENET_TO_HALF",
    "WITHOUT_HEAD",
    "LoadedWeights",
    "Naming",
    "adapt_channels",
    "drop_head",
    "find_arguments",
    "find_matches",
    "load_weights",
    "read_tensors",
]
