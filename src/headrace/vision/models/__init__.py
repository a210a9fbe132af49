"""The model families, one file each. Importing this package registers them all."""

from headrace import discovery
from headrace.vision.models.registry import ModelSpec, create_model, find_model, list_models, register_model

__all__ = ["ModelSpec", "create_model", "find_model", "list_models", "register_model"]

discovery.import_modules(__name__)
