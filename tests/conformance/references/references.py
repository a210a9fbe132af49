"""Reference implementations of the models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import pretrainedmodels
import timm
import torchvision
from torch import nn

__all__ = ["REFERENCES", "Reference"]


@dataclass(frozen=True)
class Reference:
    """A reference implementation.

    Attributes:
        name: Our name of the model.
        library: Its library.
        make: A function that makes it.
        transform_input: The argument of `create_model` for its weights.
    """

    name: str
    library: str
    make: Callable[[], nn.Module]
    transform_input: bool | None = None

    def __str__(self) -> str:
        """Format the reference for tables."""
        transformed = ", transform_input" if self.transform_input else ""
        return f"{self.name} by {self.library}{transformed}"


def _torchvision(name: str, theirs: str | None = None, **options: bool) -> Reference:
    make = getattr(torchvision.models, theirs or name)
    transform = options.get("transform_input")
    return Reference(name, f"torchvision {torchvision.__version__}", partial(make, **options), transform)


def _with_and_without_transform(name: str, theirs: str | None = None) -> list[Reference]:
    """Torchvision's networks with pretrained weights transform their input, those without do not."""
    options = {"aux_logits": True, "init_weights": False}
    return [_torchvision(name, theirs, **options, transform_input=each) for each in (False, True)]


def _timm(name: str, theirs: str | None = None) -> Reference:
    return Reference(name, f"timm {timm.__version__}", partial(timm.create_model, theirs or name))


REFERENCES = [
    _torchvision("alexnet_one_tower", "alexnet"),
    *(_torchvision(name) for name in ("vgg11", "vgg13", "vgg16", "vgg19")),
    *(_timm(name) for name in ("vgg11", "vgg13", "vgg16", "vgg19")),
    *(_torchvision(name) for name in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")),
    *(_timm(name) for name in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")),
    *_with_and_without_transform("googlenet_bn", "googlenet"),
    *_with_and_without_transform("googlenet_bn_auxiliary", "googlenet"),
    *_with_and_without_transform("inception_v3"),
    *_with_and_without_transform("inception_v3_auxiliary", "inception_v3"),
    replace(_timm("inception_v3"), transform_input=False),
    _timm("inception_v4"),
    _timm("inception_resnet_v2"),
    _timm("xception", "legacy_xception"),
    *(_timm(f"se_resnet{depth}", f"legacy_seresnet{depth}") for depth in (50, 101, 152)),
    _timm("senet154", "legacy_senet154"),
    Reference(
        "bn_inception",
        "pretrainedmodels 0.7.4",
        partial(pretrainedmodels.bninception, num_classes=1000, pretrained=None),
    ),
]
