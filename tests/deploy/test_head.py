"""Heads and their agreement with the network."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from headrace.deploy import Classifier, Regressor, export, verify
from headrace.errors import ModelError, UsageError


@pytest.mark.parametrize("names", ["cat", [], [1, 2], ["a", None], 3, {"a": 0}])
def test_class_names_are_a_list_of_strings(names: Any) -> None:
    with pytest.raises(UsageError, match="class_names: expected a list of strings"):
        Classifier(names)


def test_class_names_are_distinct() -> None:
    with pytest.raises(UsageError, match="class_names: 'a' is named twice"):
        Classifier(["a", "b", "a"])
    Classifier(np.array(["a", "b"]))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("output", ["", None, 3])
def test_the_output_of_a_regressor_is_a_name(output: Any) -> None:
    with pytest.raises(UsageError, match="output: expected a string"):
        Regressor(output)


@pytest.mark.parametrize(
    ("head", "shape", "message"),
    [
        (Classifier(["a", "b"]), (4, 3), "the model has 3 classes, but Classifier has 2 class names"),
        (Classifier(), (4,), r"expected logits \[rows, classes\], got 1 dimensions"),
        (Classifier(), (4, 3, 2), r"expected logits \[rows, classes\], got 3 dimensions"),
        (Regressor(), (4, 3), "expected one number per row, got 3"),
    ],
)
def test_outputs_of_another_head(head: Any, shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        head.tensors(torch.zeros(shape))


def test_export_refuses_class_names_that_do_not_match(images: Any, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="the model has 3 classes, but Classifier has 2 class names"):
        export(
            tmp_path / "m.onnx", transform=images.transform, model=images.model, head=Classifier(["a", "b"])
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"transform": "out/transform"}, "transform: expected a Transform, got 'out/transform'; load it"),
        ({"transform": None}, "transform: expected a Transform"),
        ({"model": "resnet18"}, "model: expected a module"),
        ({"head": Classifier}, "head: expected a head"),
        ({"head": ["a", "b", "c"]}, "head: expected a head"),
    ],
)
def test_other_arguments_are_refused(images: Any, tmp_path: Path, change: Any, message: str) -> None:
    arguments = {"transform": images.transform, "model": images.model, "head": images.head} | change
    with pytest.raises(UsageError, match=message):
        export(tmp_path / "m.onnx", **arguments)
    with pytest.raises(UsageError, match=message):
        verify(images.path, [images.batch], **arguments)


def test_the_modes_of_the_layers_are_restored(images: Any, tmp_path: Path) -> None:
    model = nn.Sequential(images.model, nn.BatchNorm1d(3), nn.Dropout()).train()
    model[1].eval()
    before = [layer.training for layer in model.modules()]
    with pytest.raises(ModelError):
        export(tmp_path / "m.onnx", transform=images.transform, model=model, head=Classifier(["a", "b"]))
    verify(images.path, [images.batch], transform=images.transform, model=model, head=images.head)
    assert [layer.training for layer in model.modules()] == before
