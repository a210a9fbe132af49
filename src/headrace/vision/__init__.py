"""Vision: models by name, their cost, batch augmentation, visualization; requires torch.

model = headrace.vision.create_model("fashion_cnn", num_classes=10)
logits = model(torch.rand(8, 1, 28, 28))  # [8, 10]
print(headrace.vision.cost(model, (1, 28, 28)))
"""

from headrace import extras

extras.require("torch", extra="train", purpose="headrace.vision")

from headrace.vision import augment, layers, models, visualize
from headrace.vision.cost import Cost, LayerCost, cost, largest_batch
from headrace.vision.flip_averaging import FlipAveraging
from headrace.vision.fuse import fuse
from headrace.vision.identify_weights import IdentifiedWeights, identify_weights
from headrace.vision.models import ModelSpec, create_model, find_model, list_models, register_model
from headrace.vision.stage_table import Stage, format_stages, stages
from headrace.vision.whitening import whiten_first_layer

__all__ = [
    "Cost",
    "FlipAveraging",
    "IdentifiedWeights",
    "LayerCost",
    "ModelSpec",
    "Stage",
    "augment",
    "cost",
    "create_model",
    "find_model",
    "format_stages",
    "fuse",
    "identify_weights",
    "largest_batch",
    "layers",
    "list_models",
    "models",
    "register_model",
    "stages",
    "visualize",
    "whiten_first_layer",
]
