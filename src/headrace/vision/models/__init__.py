"""The model families, one file each; importing this package registers them all."""

from headrace.vision.models import (
    alexnet,
    bn_inception,
    fashion_cnn,
    googlenet,
    inception_v3,
    inception_v4,
    lenet5,
    resnet,
    senet,
    small_se_resnet,
    vgg,
    xception,
)
from headrace.vision.models.registry import ModelSpec, create_model, find_model, list_models, register_model

__all__ = [
    "ModelSpec",
    "alexnet",
    "bn_inception",
    "create_model",
    "fashion_cnn",
    "find_model",
    "googlenet",
    "inception_v3",
    "inception_v4",
    "lenet5",
    "list_models",
    "register_model",
    "resnet",
    "senet",
    "small_se_resnet",
    "vgg",
    "xception",
]
