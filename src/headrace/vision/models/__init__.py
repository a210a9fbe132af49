"""The model families, one file each; importing this package registers them all."""

from headrace.vision.models import fashion_cnn, lenet5
from headrace.vision.models.registry import ModelSpec, create_model, list_models, register_model

__all__ = ["ModelSpec", "create_model", "fashion_cnn", "lenet5", "list_models", "register_model"]
