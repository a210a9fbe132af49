"""Export and verification refuse a head that does not fit the network."""

from pathlib import Path
from typing import Any

import pytest
from torch import nn

from headrace.deploy import Classifier, export, verify
from headrace.errors import ModelError, UsageError


def test_export_refuses_class_names_that_do_not_match(images: Any, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="the model has 3 classes, but Classifier has 2 class names"):
        export(
            tmp_path / "m.onnx", transform=images.transform, model=images.model, head=Classifier(["a", "b"])
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"transform": "out/transform"}, "transform: expected a Transform, got 'out/transform'; load it"),
        ({"transform": 3}, "transform: expected a Transform"),
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
