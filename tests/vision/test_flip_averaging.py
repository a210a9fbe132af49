"""Averaging of an image, its horizontal flip, and shifted views."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import nn

import headrace as hr
from headrace.columns import to_arrow
from headrace.vision import FlipAveraging, create_model, visualize

IMAGES = torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def test_a_flipped_image_has_the_same_logits() -> None:
    torch.manual_seed(0)
    model = FlipAveraging(create_model("small_se_resnet", num_classes=5, input_size=(32, 32))).eval()
    with torch.no_grad():
        logits = model(IMAGES)
        torch.testing.assert_close(model(IMAGES.flip(-1)), logits)
        both = torch.stack([model.network(IMAGES), model.network(IMAGES.flip(-1))])
    torch.testing.assert_close(logits, both.mean(dim=0))
    assert (both[0] - both[1]).abs().max() > 1e-4  # the network alone differs


def test_training_evaluates_the_image_only() -> None:
    network = nn.Conv2d(3, 1, 1)
    images = IMAGES[..., :5]
    assert torch.equal(FlipAveraging(network).train()(images), network(images))


def test_feature_maps_are_those_of_the_unflipped_image() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    (maps,) = visualize.feature_maps(FlipAveraging(network), IMAGES, ["network.0"]).values()
    torch.testing.assert_close(maps, network[0](IMAGES).detach())


def test_shifted_views_count_half() -> None:
    torch.manual_seed(0)
    network = create_model("lenet5", num_classes=4, in_channels=3, input_size=(32, 32)).eval()
    views = np.pad(IMAGES.numpy(), ((0, 0), (0, 0), (2, 2), (2, 2)), mode="reflect")
    corners = {0: 1 / 8, 2: 1 / 4, 4: 1 / 8}  # of each flip: up left, the image itself, down right
    with torch.no_grad():
        expected = torch.zeros(3, 4)
        for corner, weight in corners.items():
            view = torch.from_numpy(views[..., corner : corner + 32, corner : corner + 32])
            expected += weight * (network(view) + network(view.flip(-1)))
        torch.testing.assert_close(FlipAveraging(network, shift=2).eval()(IMAGES), expected)
        assert (FlipAveraging(network).eval()(IMAGES) - expected).abs().max() > 1e-4


def test_shifts_leave_training_and_hooks_alone() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    model = FlipAveraging(network, shift=1)
    assert torch.equal(model.train()(IMAGES), network(IMAGES))
    (maps,) = visualize.feature_maps(model, IMAGES, ["network.0"]).values()
    torch.testing.assert_close(maps, network[0](IMAGES).detach())


def test_the_exported_file_averages_the_views(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)
    )
    model = FlipAveraging(network, shift=1).eval()
    images = to_arrow(IMAGES.numpy())
    data = [pa.record_batch({"image": images})]
    path = hr.deploy.export(tmp_path / "m.onnx", model=model, inputs=data[0])
    assert hr.deploy.verify(path, data, model=model).passed
    found = np.array(hr.deploy.load(path).predict(data[0])["probabilities"].to_pylist())
    with torch.no_grad():
        np.testing.assert_allclose(found, model(IMAGES).softmax(1).numpy(), atol=1e-6)


@pytest.mark.parametrize("shift", [-1, 0.5, True], ids=str)
def test_the_shift_is_a_number_of_pixels(shift: Any) -> None:
    with pytest.raises(hr.UsageError, match="shift"):
        FlipAveraging(nn.Conv2d(3, 1, 1), shift=shift)
