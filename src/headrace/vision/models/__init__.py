"""The model families, one file each; importing this package registers them all."""

from headrace.vision.models import alexnet, fashion_cnn, lenet5, resnet, vgg
from headrace.vision.models.registry import ModelSpec, create_model, find_model, list_models, register_model

__all__ = [
    "ModelSpec",
    "alexnet",
    "create_model",
    "fashion_cnn",
    "find_model",
    "lenet5",
    "list_models",
    "register_model",
    "resnet",
    "vgg",
]
