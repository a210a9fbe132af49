"""What vision models are built of.

Modules, which know what comes in: `Conv2d(3, 64, 7, stride=2)`. Plans, which do not, and which the tables of
the architectures are written in: `Conv(64, 7, stride=2)`; `build` makes a module of one.
"""

from headrace.vision.layers.activation import ScaledTanh, relu
from headrace.vision.layers.convolution import Conv, Conv2d, ConvNorm, SeparableConv2d, SeparableNorm
from headrace.vision.layers.inception import Branches, Inception
from headrace.vision.layers.initialise import initialise
from headrace.vision.layers.lenet import Partial, PartialConv, RBFOutput, Subsample, Subsampling
from headrace.vision.layers.network import AuxiliaryNetwork, Heads, auxiliary_network, is_small, network
from headrace.vision.layers.normalisation import LocalResponseNorm, ResponseNorm
from headrace.vision.layers.padding import Padding
from headrace.vision.layers.pooling import (
    AvgPool,
    AvgPool2d,
    DepthwiseMaxPool,
    GlobalAvgPool,
    GlobalPool,
    GridPool,
    MaxPool,
    MaxPool2d,
)
from headrace.vision.layers.residual import BottleneckUnit, Residual, ResidualUnit, Shortcut
from headrace.vision.layers.small import Activate, Dense, Dropout, Flatten, Pad
from headrace.vision.layers.spec import Column, Plan, Shape, build
from headrace.vision.layers.squeeze_excite import Squeeze, SqueezeExcite

__all__ = [
    "Activate",
    "AuxiliaryNetwork",
    "AvgPool",
    "AvgPool2d",
    "BottleneckUnit",
    "Branches",
    "Column",
    "Conv",
    "Conv2d",
    "ConvNorm",
    "Dense",
    "DepthwiseMaxPool",
    "Dropout",
    "Flatten",
    "GlobalAvgPool",
    "GlobalPool",
    "GridPool",
    "Heads",
    "Inception",
    "LocalResponseNorm",
    "MaxPool",
    "MaxPool2d",
    "Pad",
    "Padding",
    "Partial",
    "PartialConv",
    "Plan",
    "RBFOutput",
    "Residual",
    "ResidualUnit",
    "ResponseNorm",
    "ScaledTanh",
    "SeparableConv2d",
    "SeparableNorm",
    "Shape",
    "Shortcut",
    "Squeeze",
    "SqueezeExcite",
    "Subsample",
    "Subsampling",
    "auxiliary_network",
    "build",
    "initialise",
    "is_small",
    "network",
    "relu",
]
