"""Visualization, against manually computed gradients and known results."""

import pytest
import torch
from torch import Tensor, nn

import headrace as hr
from headrace.errors import ModelError, UsageError
from headrace.vision.visualize import feature_maps, filters, grad_cam, line_filters, saliency


@pytest.fixture
def images() -> Tensor:
    return torch.rand(3, 1, 28, 28, generator=torch.Generator().manual_seed(0))


def small() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(4 * 14 * 14, 5),
    )


class TestLines:
    def test_filters_are_white_lines_on_black(self) -> None:
        weights = filters(line_filters(7, 3))
        assert weights.shape == (2, 3, 7, 7)
        assert weights.sum() == 2 * 3 * 7
        assert (weights[0, :, :, 3] == 1).all()
        assert (weights[1, :, 3, :] == 1).all()

    def test_each_map_shows_the_lines_of_its_direction(self) -> None:
        picture = torch.zeros(1, 3, 21, 21)
        picture[:, :, :, 5] = 1
        vertical, horizontal = line_filters(7, 3)(picture)[0]
        assert vertical.shape == (21, 21)
        assert vertical[10, 5] == 21
        assert horizontal[10, 5] == 3
        assert torch.equal(line_filters(7, 3)(picture.transpose(2, 3))[0, 1], vertical.T)

    def test_an_even_size_is_rejected(self) -> None:
        with pytest.raises(UsageError, match="expected an odd filter size, got 4"):
            line_filters(4)


class TestFeatureMaps:
    def test_maps_are_the_outputs_of_the_layers(self, images: Tensor) -> None:
        model = small()
        found = feature_maps(model, images)
        assert list(found) == ["0", "1", "2", "3"]
        model.eval()
        assert torch.allclose(
            found["0"], model[0](images)
        )  # although the in-place ReLU overwrites the output
        assert torch.allclose(found["3"], model[:4](images))

    def test_layers_are_selected_by_name(self, images: Tensor) -> None:
        assert list(feature_maps(small(), images, ["3", "0"])) == ["0", "3"]

    def test_layers_without_maps_are_rejected(self, images: Tensor) -> None:
        with pytest.raises(UsageError, match="the model has no layer 'conv'; choose among 0"):
            feature_maps(small(), images, ["conv"])
        with pytest.raises(UsageError, match="the output of layer '6' is not maps; choose among 0"):
            feature_maps(small(), images, ["6"])


def test_filters_are_a_copy_of_the_first_convolution_s_weights() -> None:
    model = small()
    weights = filters(model)
    assert torch.equal(weights, model[0].weight)
    weights.zero_()
    assert model[0].weight.abs().sum() > 0
    with pytest.raises(UsageError, match=r"layer '1' is not a convolution; name an nn.Conv2d"):
        filters(model, "1")
    with pytest.raises(UsageError, match="the model has no convolution"):
        filters(nn.Linear(2, 2))


class TestSaliency:
    def test_saliency_is_the_largest_absolute_gradient_over_channels(self) -> None:
        weights = torch.randn(2, 3 * 4 * 4)
        model = nn.Sequential(nn.Flatten(), nn.Linear(48, 2, bias=False))
        model[1].weight.data.copy_(weights)
        images = torch.rand(5, 3, 4, 4)
        classes = torch.tensor([0, 1, 1, 0, 1])
        expected = weights.reshape(2, 3, 4, 4).abs().amax(dim=1)[classes]
        assert torch.allclose(saliency(model, images, classes), expected)
        likeliest = model(images).argmax(dim=1)
        assert torch.equal(saliency(model, images), saliency(model, images, likeliest))

    def test_outputs_other_than_logits_are_rejected(self, images: Tensor) -> None:
        with pytest.raises(
            ModelError, match=r"expected logits \[N, classes\], got \[3, 4, 28, 28\]; pass a classifier"
        ):
            saliency(small()[:1], images)


class TestGradCam:
    def test_grad_cam_is_the_weighted_sum_of_the_maps(self) -> None:
        """With global average pooling, the gradient of a map is its weight at every pixel."""
        model = nn.Sequential(
            nn.Conv2d(1, 6, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 3)
        )
        images, classes = torch.rand(4, 1, 8, 8), torch.tensor([0, 1, 2, 1])
        maps = model[:2](images).detach()
        evidence = (model[4].weight.detach()[classes][:, :, None, None] * maps).sum(1).relu()
        most = evidence.amax((1, 2), keepdim=True).clamp(min=1e-30)
        assert torch.allclose(grad_cam(model, images, classes), evidence / most, atol=1e-5)

    def test_evidence_is_where_the_object_is(self) -> None:
        """Two classes: a bright square on the left, or on the right."""
        model = nn.Sequential(
            nn.Conv2d(1, 1, 3, padding=1, bias=False),
            nn.ReLU(),
            nn.MaxPool2d(4),
            nn.Flatten(),
            nn.Linear(16, 2),
        )
        with torch.no_grad():
            model[0].weight.fill_(1 / 9)
            model[4].weight.fill_(0.0)
            model[4].weight[0], model[4].weight[1] = 1.0, -1.0
        images = torch.zeros(1, 1, 16, 16)
        images[0, 0, 2:6, 10:14] = 1
        found = grad_cam(model, images)[0]
        assert found.shape == (16, 16)
        assert found.max() == 1
        assert found[2:6, 10:14].mean() > 10 * found[8:].mean()

    def test_pools_after_the_last_convolution_are_skipped(self, images: Tensor) -> None:
        model = hr.vision.create_model("fashion_cnn")
        maps = {name: each.shape[-1] for name, each in feature_maps(model, images).items()}
        last = [name for name, side in maps.items() if side == 7][-1]
        classes = torch.tensor([3, 1, 4])
        assert torch.equal(grad_cam(model, images, classes), grad_cam(model, images, classes, last))

    def test_models_without_maps_are_rejected(self, images: Tensor) -> None:
        with pytest.raises(UsageError, match="the output of layer '6' is not maps; choose among 0"):
            grad_cam(small(), images, layer="6")
        with pytest.raises(UsageError, match="the model has no convolution"):
            grad_cam(nn.Sequential(nn.Flatten(), nn.Linear(784, 2)), images)


@pytest.mark.parametrize("look", [feature_maps, saliency, grad_cam])
def test_the_model_is_not_changed(look, images: Tensor) -> None:
    model = small()
    model[1].eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    look(model, images)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert [layer.training for layer in model] == [number != 1 for number in range(7)]
    assert all(not layer._forward_hooks for layer in model.modules())
    assert all(weight.grad is None for weight in model.parameters())
    assert not images.requires_grad
