"""The registry, and the arguments of `create_model`."""

from typing import Any

import pytest
from torch import nn

import headrace as hr
from headrace.errors import UsageError
from headrace.vision.models import register_model


def test_images_that_are_too_small_are_rejected() -> None:
    with pytest.raises(
        UsageError, match=r"images of 4x4 pixels are too small for this network .* for stage '7'"
    ):
        hr.vision.create_model("fashion_cnn", input_size=(4, 4))


def test_the_size_of_images_too_small_for_an_auxiliary_head_is_named() -> None:
    with pytest.raises(
        UsageError, match=r"images of 6x6 pixels .* \(maps of 3x3 pixels are too small for stage"
    ):
        hr.vision.create_model("googlenet_auxiliary", input_size=(6, 6))


@pytest.mark.parametrize("numbers", [{"num_classes": 0}, {"in_channels": -1}, {"input_size": (0, 28)}])
def test_numbers_below_one_are_rejected(numbers: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="pass numbers above zero"):
        hr.vision.create_model("resnet18", **numbers)


def test_an_unknown_name_lists_similar_names() -> None:
    with pytest.raises(UsageError, match=r"no model is named 'lenet'; .*'lenet5'"):
        hr.vision.create_model("lenet")


def test_a_registered_name_is_rejected() -> None:
    def lenet5(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
        return nn.Linear(in_channels * input_size[0], num_classes)

    with pytest.raises(UsageError, match="'lenet5' is already registered"):
        register_model(input_size=(1, 1), source="none")(lenet5)
