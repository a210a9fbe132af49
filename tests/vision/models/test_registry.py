"""The registry, and the arguments of `create_model`."""

from typing import Any

import numpy as np
import pytest
import torch
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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_classes": 0}, "num_classes is 0; pass 1 or more"),
        ({"in_channels": -1}, "in_channels is -1; pass 1 or more"),
        ({"input_size": (0, 28)}, "input_size is 0; pass 1 or more"),
        ({"input_size": 0}, "input_size is 0; pass 1 or more"),
        ({"input_size": (3, 28, 28)}, r"input_size: expected one integer or \(height, width\), got"),
        ({"input_size": "28"}, "input_size: expected an integer, got '28'"),
        ({"input_size": (28.0, 28)}, "input_size: expected an integer, got 28.0"),
        ({"num_classes": 2.0}, "num_classes: expected an integer, got 2.0"),
        ({"num_classes": True}, "num_classes: expected an integer, got True"),
        ({"seed": 1.5}, "seed: expected an integer, got 1.5"),
        ({"seed": None}, "seed: expected an integer, got None"),
        ({"transform_input": "yes"}, "transform_input: expected True or False"),
    ],
)
def test_other_numbers_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        hr.vision.create_model("lenet5", **options)


def test_input_size_32_is_the_height_and_the_width() -> None:
    sizes: list[Any] = [32, (32, 32), [32, 32], np.int64(32), np.array([32, 32]), torch.Size([32, 32])]
    for size in sizes:
        assert hr.vision.create_model("lenet5", input_size=size)(torch.zeros(1, 1, 32, 32)).shape == (1, 10)


def test_numpy_integers_as_seeds_and_classes() -> None:
    numbers: Any = {"num_classes": np.int64(3), "in_channels": np.uint8(2), "seed": np.int64(4)}
    ours = hr.vision.create_model("lenet5", **numbers)
    expected = hr.vision.create_model("lenet5", num_classes=3, in_channels=2, seed=4)
    torch.testing.assert_close(ours.state_dict(), expected.state_dict(), rtol=0, atol=0)


@pytest.mark.parametrize("name", ["ResNet-50", "resnet_50", "RESNET50", "resnet 50"])
def test_other_spellings_of_a_name_suggest_it(name: str) -> None:
    with pytest.raises(UsageError, match=f"no model is named '{name}'; did you mean 'resnet50'"):
        hr.vision.create_model(name)


@pytest.mark.parametrize("name", [50, None, "", ["resnet50"]])
def test_names_are_strings(name: Any) -> None:
    with pytest.raises(UsageError, match="name: expected a string, got"):
        hr.vision.create_model(name)


def test_an_unknown_name_lists_similar_names() -> None:
    with pytest.raises(UsageError, match=r"no model is named 'lenet'; .*'lenet5'"):
        hr.vision.create_model("lenet")


def test_a_registered_name_is_rejected() -> None:
    def lenet5(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
        return nn.Linear(in_channels * input_size[0], num_classes)

    with pytest.raises(UsageError, match="'lenet5' is already registered"):
        register_model(input_size=(1, 1), source="none")(lenet5)


@pytest.mark.parametrize(("size", "build"), [("28", nn.Linear), ((1, 2, 3), nn.Linear), (28, "lenet")])
def test_other_arguments_of_register_model(size: Any, build: Any) -> None:
    with pytest.raises(UsageError, match=r"input_size|expected a function that builds a model"):
        register_model(name="new", input_size=size, source="none")(build)
