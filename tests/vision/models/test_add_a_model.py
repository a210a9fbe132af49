"""Adding a model takes one file: a module of headrace.vision.models that registers a builder."""

import pytest
import torch

import headrace as hr
from headrace.discovery import import_modules
from headrace.vision.models import registry

TINY_CNN = '''
"""A tiny network."""

from torch import nn

from headrace.vision.layers import Conv, GlobalPool, MaxPool, network
from headrace.vision.models.registry import register_model

STAGES = {"conv1": Conv(8, 3), "pool1": MaxPool(2), "conv2": Conv(16, 3), "pool": GlobalPool()}


@register_model(input_size=(28, 28), source="the paper", parameters=1_418, reference="counted by hand")
def tiny_cnn(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
    """Two convolutions."""
    return network(STAGES, num_classes=num_classes, in_channels=in_channels, input_size=input_size)
'''


def test_the_model_is_registered_and_built(add_module, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_models", dict(registry._models))
    module = add_module("headrace.vision.models", "tiny_cnn", TINY_CNN)
    assert module in import_modules("headrace.vision.models")  # which importing the package calls

    assert "tiny_cnn" in hr.vision.list_models()
    model = hr.vision.create_model("tiny_cnn")
    assert model(torch.rand(2, 1, 28, 28)).shape == (2, 10)
    assert hr.vision.cost(model, (1, 28, 28)).parameters == 1_418
