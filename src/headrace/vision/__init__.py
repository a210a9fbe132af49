"""Vision models: built by name, priced; images augmented; networks seen inside; torch only.

model = headrace.vision.create_model("fashion_cnn", num_classes=10)
logits = model(torch.rand(8, 1, 28, 28))  # [8, 10]
print(headrace.vision.cost(model, (1, 28, 28)))
"""

from headrace import extras

extras.require("torch", extra="train", purpose="headrace.vision")

from headrace.vision import augment, layers, visualize
from headrace.vision.cost import Cost, LayerCost, cost, fits
from headrace.vision.flip_averaging import Mirrored
from headrace.vision.fuse import fused
from headrace.vision.models import ModelSpec, create_model, list_models, register_model
from headrace.vision.stage_table import Stage, stages

__all__ = [
    "Cost",
    "LayerCost",
    "Mirrored",
    "ModelSpec",
    "Stage",
    "augment",
    "cost",
    "create_model",
    "fits",
    "fused",
    "layers",
    "list_models",
    "register_model",
    "stages",
    "visualize",
]
