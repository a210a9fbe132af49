"""What vision models are built of."""

from headrace.vision.layers.initialise import initialise
from headrace.vision.layers.plain import Conv, Dense, MaxPool, Pad, plain_network

__all__ = ["Conv", "Dense", "MaxPool", "Pad", "initialise", "plain_network"]
