"""Weights from files, by Headrace's tensor names or those of another library."""

from headrace.vision.weights.load import find_arguments, load_weights
from headrace.vision.weights.match import Naming

__all__ = ["Naming", "find_arguments", "load_weights"]
