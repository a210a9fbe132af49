"""LeNet-5."""

import torch
from torch import nn

import headrace as hr


def count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def test_lenet_has_the_published_parameters_by_layer() -> None:
    by_layer = {
        name: count(layer) for name, layer in hr.vision.create_model("lenet5_original").named_children()
    }
    published = {"C1": 156, "S2": 12, "C3": 1516, "S4": 32, "C5": 48120, "F6": 10164}
    assert {name: number for name, number in by_layer.items() if number} == published


def test_lenet_pads_28_pixels_to_32() -> None:
    model = hr.vision.create_model("lenet5")
    assert model[0](torch.ones(1, 1, 28, 28)).shape == (1, 1, 32, 32)
    assert model[0](torch.ones(1, 1, 28, 28)).sum() == 28 * 28
