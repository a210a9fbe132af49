"""Reference implementations of the models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pretrainedmodels
import timm
import torchvision
from torch import nn

__all__ = ["REFERENCES", "Reference"]


@dataclass(frozen=True)
class Reference:
    """A reference implementation: our name of the model, its library, and a function that makes it."""

    name: str
    library: str
    make: Callable[[], nn.Module]

    def __str__(self) -> str:
        """Format the reference for tables."""
        return f"{self.name} by {self.library}"


def _torchvision(name: str, theirs: str | None = None, **options: bool) -> Reference:
    make = getattr(torchvision.models, theirs or name)
    return Reference(name, f"torchvision {torchvision.__version__}", partial(make, **options))


def _timm(name: str, theirs: str | None = None) -> Reference:
    return Reference(name, f"timm {timm.__version__}", partial(timm.create_model, theirs or name))


_GOOGLENET = {"transform_input": False, "init_weights": False}

REFERENCES = [
    _torchvision("alexnet_one_tower", "alexnet"),
    *(_torchvision(name) for name in ("vgg11", "vgg13", "vgg16", "vgg19")),
    *(_timm(name) for name in ("vgg11", "vgg13", "vgg16", "vgg19")),
    *(_torchvision(name) for name in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")),
    *(_timm(name) for name in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")),
    _torchvision("googlenet_bn", "googlenet", aux_logits=True, **_GOOGLENET),
    _torchvision("googlenet_bn_auxiliary", "googlenet", aux_logits=True, **_GOOGLENET),
    _torchvision("inception_v3", aux_logits=True, **_GOOGLENET),
    _torchvision("inception_v3_auxiliary", "inception_v3", aux_logits=True, **_GOOGLENET),
    _timm("inception_v3"),
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
