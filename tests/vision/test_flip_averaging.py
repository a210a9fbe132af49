"""Averaging of an image and its horizontal flip."""

import torch
from torch import nn

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
