"""Vision models: built by name, torch only.

model = headrace.vision.create_model("fashion_cnn", num_classes=10)
logits = model(torch.rand(8, 1, 28, 28))  # [8, 10]
"""

from headrace.vision.models import ModelSpec, create_model, list_models, register_model

__all__ = ["ModelSpec", "create_model", "list_models", "register_model"]
