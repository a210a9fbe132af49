"""BN-Inception, also called Inception v2, and SE-Inception."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from torch import nn

from headrace.vision.layers import (
    AvgPool,
    ConvNorm,
    Dropout,
    GlobalPool,
    Inception,
    LayerSpec,
    MaxPool,
    Squeeze,
    Stack,
    is_small,
    network,
)
from headrace.vision.models.registry import register_model

__all__ = ["bn_inception", "se_inception"]

Norm = partial(ConvNorm, bias=True)  # the released weights have biases
HALVE = MaxPool(3, 2, "SAME")
MEAN = AvgPool(3, 1, 1)

# Figure 5 of the paper: 1x1; 3x3 reduce, 3x3; double 3x3 reduce, double 3x3; pool projection. The projections
# of 4c and 4d are 96 wide in the figure and 128 wide in the released weights.
MODULES: dict[str, tuple[int, ...]] = {
    "3a": (64, 64, 64, 64, 96, 32),
    "3b": (64, 64, 96, 64, 96, 64),
    "3c": (128, 160, 64, 96),
    "4a": (224, 64, 96, 96, 128, 128),
    "4b": (192, 96, 128, 96, 128, 128),
    "4c": (160, 128, 160, 128, 160, 128),
    "4d": (96, 128, 192, 160, 192, 128),
    "4e": (128, 192, 192, 256),
    "5a": (352, 192, 320, 160, 224, 128),
    "5b": (352, 192, 320, 192, 224, 128),
}
STEM = {
    "conv1": Norm(64, 7, 2, 3),
    "pool1": HALVE,
    "conv2_reduce": Norm(64, 1),
    "conv2": Norm(192, 3),
    "pool2": HALVE,
}
SMALL_STEM = {"conv1": Norm(64, 3), "conv2": Norm(192, 3)}
HEAD = {"pool": GlobalPool(), "dropout": Dropout(0.2)}

UNIT = {
    "1x1": "1x1.0",
    "3x3_reduce": "3x3.0",
    "3x3": "3x3.1",
    "double_3x3_reduce": "double_3x3.0",
    "double_3x3_1": "double_3x3.1",
    "double_3x3_2": "double_3x3.2",
    "pool_proj": "pool.1",
}
CADENE = (
    (r"^conv1_7x7_s2_bn\.", "conv1.norm."),
    (r"^conv1_7x7_s2\.", "conv1.conv."),
    (r"^conv2_3x3_reduce_bn\.", "conv2_reduce.norm."),
    (r"^conv2_3x3_reduce\.", "conv2_reduce.conv."),
    (r"^conv2_3x3_bn\.", "conv2.norm."),
    (r"^conv2_3x3\.", "conv2.conv."),
    *((rf"^inception_(\d\w)_{theirs}_bn\.", rf"\1.{ours}.norm.") for theirs, ours in UNIT.items()),
    *((rf"^inception_(\d\w)_{theirs}\.", rf"\1.{ours}.conv.") for theirs, ours in UNIT.items()),
    (r"^last_linear\.", "output."),
)


def inception(widths: Sequence[int], pool: LayerSpec) -> Inception:
    """Build a module that keeps the size of the maps."""
    one, reduce3, three, reduce_double, double, projection = widths
    return Inception(
        {
            "1x1": [Norm(one, 1)],
            "3x3": [Norm(reduce3, 1), Norm(three, 3)],
            "double_3x3": [Norm(reduce_double, 1), Norm(double, 3), Norm(double, 3)],
            "pool": [pool, Norm(projection, 1)],
        }
    )


def reduction(widths: Sequence[int]) -> Inception:
    """Build a module that halves the size of the maps."""
    reduce3, three, reduce_double, double = widths
    return Inception(
        {
            "3x3": [Norm(reduce3, 1), Norm(three, 3, 2, 1)],
            "double_3x3": [Norm(reduce_double, 1), Norm(double, 3), Norm(double, 3, 2, 1)],
            "pool": [HALVE],
        }
    )


def modules() -> dict[str, Inception]:
    """Build the modules of figure 5; the last has a max pool."""
    built = {name: reduction(w) if len(w) == 4 else inception(w, MEAN) for name, w in MODULES.items()}
    return built | {"5b": inception(MODULES["5b"], MaxPool(3, 1, "SAME"))}


def stages(blocks: Mapping[str, LayerSpec], *, small: bool) -> dict[str, LayerSpec]:
    """Build the table: the stem, `blocks`, the head."""
    return {**(SMALL_STEM if small else STEM), **blocks, **HEAD}


@register_model(
    input_size=(224, 224),
    num_classes=1000,
    in_channels=3,
    source="S. Ioffe, C. Szegedy, Batch Normalization, ICML 2015, arXiv:1502.03167",
    parameters=11_295_240,
    reference="pretrainedmodels' bninception, converted from Caffe",
    namings={"pretrainedmodels": CADENE},
)
def bn_inception(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """GoogLeNet with batch normalisation, and pairs of 3x3 convolutions instead of 5x5 convolutions."""
    table = stages(modules(), small=is_small(input_size))
    return network(table, num_classes=num_classes, in_channels=in_channels, input_size=input_size)


@register_model(
    input_size=(224, 224),
    num_classes=1000,
    in_channels=3,
    source="J. Hu et al., Squeeze-and-Excitation Networks, CVPR 2018, arXiv:1709.01507",
    parameters=11_941_638,
    reference="counted by hand: BN-Inception's plus, for each module of C maps, C * C / 8 + C + C / 16",
)
def se_inception(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """BN-Inception with a `SqueezeExcite` after each module: SE-BN-Inception in the paper's table 2."""
    blocks = {name: Stack({"inception": module, "se": Squeeze()}) for name, module in modules().items()}
    table = stages(blocks, small=is_small(input_size))
    return network(table, num_classes=num_classes, in_channels=in_channels, input_size=input_size)
