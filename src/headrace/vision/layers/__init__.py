"""Building blocks of vision models: modules and specs.

Modules know their input channels: `Conv2d(3, 64, 7, stride=2)`. Specs do not, and the tables of the
architectures are written in them: `Conv(64, 7, stride=2)`; `build` makes a module from a spec.
"""

from headrace.vision.layers.activation import Activate, Activation, ScaledTanh, relu
from headrace.vision.layers.convolution import Conv, Conv2d, ConvNorm, SeparableConv2d, SeparableNorm
from headrace.vision.layers.dense import Dense, Dropout, Flatten
from headrace.vision.layers.inception import Branches, Inception
from headrace.vision.layers.initialise import initialise
from headrace.vision.layers.input_transform import ChannelAffine
from headrace.vision.layers.lenet import Partial, PartialConv, RBFOutput, Subsample, Subsampling
from headrace.vision.layers.network import (
    AuxiliaryNetwork,
    Heads,
    add_input_transform,
    auxiliary_network,
    is_small,
    network,
)
from headrace.vision.layers.normalisation import LocalResponseNorm, ResponseNorm
from headrace.vision.layers.padding import Pad, Padding
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
from headrace.vision.layers.spec import LayerSpec, Shape, Stack, Stages, build, build_stack
from headrace.vision.layers.squeeze_excite import Squeeze, SqueezeExcite

__all__ = [
    "Activate",
    "Activation",
    "AuxiliaryNetwork",
    "AvgPool",
    "AvgPool2d",
    "BottleneckUnit",
    "Branches",
    "ChannelAffine",
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
    "LayerSpec",
    "LocalResponseNorm",
    "MaxPool",
    "MaxPool2d",
    "Pad",
    "Padding",
    "Partial",
    "PartialConv",
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
    "Stack",
    "Stages",
    "Subsample",
    "Subsampling",
    "add_input_transform",
    "auxiliary_network",
    "build",
    "build_stack",
    "initialise",
    "is_small",
    "network",
    "relu",
]
