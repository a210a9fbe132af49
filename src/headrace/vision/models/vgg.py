"""VGG: one to four 3x3 convolutions before each pool, then three dense layers."""

from __future__ import annotations

from functools import partial

from torch import nn

from headrace.vision.layers import Conv, Dense, Flatten, LayerSpec, MaxPool, is_small, network
from headrace.vision.models.registry import register_model
from headrace.vision.weights import IMAGENET, Naming

__all__ = ["vgg"]

WIDTHS = (64, 128, 256, 512, 512)
# Table 1 of the paper, columns A, B, D and E: the number of convolutions before each pool; and parameters.
VARIANTS = {
    "vgg11": ((1, 1, 2, 2, 2), 132_863_336),
    "vgg13": ((2, 2, 2, 2, 2), 133_047_848),
    "vgg16": ((2, 2, 3, 3, 3), 138_357_544),
    "vgg19": ((2, 2, 4, 4, 4), 143_667_240),
}
HEAD = {"flat": Flatten(), "fc6": Dense(4096, dropout=0.5), "fc7": Dense(4096, dropout=0.5)}

TORCHVISION_HEAD = (
    (r"^classifier\.0\.", "fc6.linear."),
    (r"^classifier\.3\.", "fc7.linear."),
    (r"^classifier\.6\.", "output."),
)
TIMM_HEAD = (
    (r"^pre_logits\.fc1\.", "fc6.linear."),
    (r"^pre_logits\.fc2\.", "fc7.linear."),
    (r"^head\.fc\.", "output."),
)


def stages(counts: tuple[int, ...], *, small: bool) -> dict[str, LayerSpec]:
    """Build the table: conv1_1, ..., pool1, conv2_1, ..., fc7."""
    pool = MaxPool(2, padding="CEIL" if small else "VALID")  # 28 is not a multiple of 32
    table: dict[str, LayerSpec] = {}
    for block, (width, count) in enumerate(zip(WIDTHS, counts, strict=True), 1):
        table |= {f"conv{block}_{n}": Conv(width, 3) for n in range(1, count + 1)}
        table[f"pool{block}"] = pool
    return table | HEAD


def features_naming(counts: tuple[int, ...]) -> Naming:
    """Map torchvision's and timm's numbers of convolutions, activations and pools to our names."""
    rows: list[tuple[str, str]] = []
    number = 0
    for name, spec in stages(counts, small=False).items():
        if isinstance(spec, Conv):
            rows.append((rf"^features\.{number}\.", f"{name}.conv."))
        number += 2 if isinstance(spec, Conv) else 1
    return tuple(rows)


def vgg(
    counts: tuple[int, ...], *, num_classes: int, in_channels: int, input_size: tuple[int, int]
) -> nn.Module:
    """Build `counts` convolutions before each of five pools, and the head."""
    table = stages(counts, small=is_small(input_size))
    return network(table, num_classes=num_classes, in_channels=in_channels, input_size=input_size)


for _name, (_counts, _parameters) in VARIANTS.items():
    _features = features_naming(_counts)
    register_model(
        name=_name,
        input_size=(224, 224),
        num_classes=1000,
        in_channels=3,
        source="K. Simonyan, A. Zisserman, Very Deep Convolutional Networks, ICLR 2015, arXiv:1409.1556",
        parameters=_parameters,
        reference=f"torchvision.models.{_name}",
        namings={"torchvision": _features + TORCHVISION_HEAD, "timm": _features + TIMM_HEAD},
        **IMAGENET,
    )(partial(vgg, _counts))
