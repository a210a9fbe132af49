"""Stages of models, and their table."""

import pytest
import torch

import headrace as hr
from headrace.errors import ModelError
from headrace.vision.stage_table import format_stages, stages

# C, H, W; kernel, stride, padding: the table of AlexNet in the textbook.
ALEXNET = {
    "C1": ((96, 55, 55), "11x11", "4x4", "VALID", "ReLU"),
    "S2": ((96, 27, 27), "3x3", "2x2", "VALID", ""),
    "C3": ((256, 27, 27), "5x5", "1x1", "SAME", "ReLU"),
    "S4": ((256, 13, 13), "3x3", "2x2", "VALID", ""),
    "C5": ((384, 13, 13), "3x3", "1x1", "SAME", "ReLU"),
    "C6": ((384, 13, 13), "3x3", "1x1", "SAME", "ReLU"),
    "C7": ((256, 13, 13), "3x3", "1x1", "SAME", "ReLU"),
    "S8": ((256, 6, 6), "3x3", "2x2", "VALID", ""),
    "F9": ((4096,), "", "", "", "ReLU"),
    "F10": ((4096,), "", "", "", "ReLU"),
    "output": ((1000,), "", "", "", ""),
}


def test_alexnet_equals_the_textbook_table() -> None:
    with torch.device("meta"):
        found = stages(hr.vision.create_model("alexnet"), (3, 227, 227))
    table = {
        each.name: (each.output, each.kernel, each.stride, each.padding, each.activation) for each in found
    }
    assert {name: table[name] for name in ALEXNET} == ALEXNET
    assert sum(each.parameters for each in found) == 62_378_344
    # 55 * 55 * 96 maps of 11 * 11 * 3 numbers each.
    assert next(each.macs for each in found if each.name == "C1") == 105_415_200


def test_the_model_is_not_changed() -> None:
    model = hr.vision.create_model("resnet18", num_classes=3, input_size=(8, 8))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    assert [each.kind for each in stages(model, (3, 8, 8))][1] == "2 x Residual"
    assert model.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert all(not layer._forward_hooks for layer in model.modules())


def test_training_heads_have_no_output() -> None:
    model = hr.vision.create_model("googlenet_bn_auxiliary", num_classes=3, input_size=(16, 16))
    (head,) = (each for each in stages(model, (3, 16, 16)) if each.name == "auxiliary")
    assert (head.output, head.macs) == ((), 0)
    assert head.parameters > 4_000_000


def test_empty_columns_are_omitted() -> None:
    lines = format_stages(torch.nn.Sequential(torch.nn.Linear(4, 2)), (4,)).splitlines()
    assert lines[0].split() == ["layer", "type", "output", "parameters", "MACs"]
    assert lines[-1].split() == ["total", "10", "8"]


def test_a_wrong_input_shape_is_rejected() -> None:
    with pytest.raises(ModelError, match="cannot trace"):
        stages(hr.vision.create_model("lenet5"), (3, 28, 28))
