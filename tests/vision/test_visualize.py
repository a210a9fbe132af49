"""Visualization, against manually computed gradients and known results."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import headrace as hr
from headrace.errors import HeadraceError, ModelError, SchemaError, UsageError
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


class TestLayersInPlace:
    """A layer in place overwrites the maps of the layer before; Grad-CAM reads those of the named layer."""

    def models(self) -> tuple[nn.Module, nn.Module]:
        """Make a model whose ReLU is in place, and one of equal weights whose ReLU is not."""
        torch.manual_seed(0)  # other weights may leave no evidence for a class
        in_place, plain = small(), small()
        plain.load_state_dict(in_place.state_dict())
        plain[2] = nn.ReLU()
        return in_place, plain

    @pytest.mark.parametrize("layer", [None, "0", "1", "2", "3"])
    def test_grad_cam(self, images: Tensor, layer: str | None) -> None:
        in_place, plain = self.models()
        torch.testing.assert_close(grad_cam(in_place, images, 3, layer), grad_cam(plain, images, 3, layer))

    def test_grad_cam_of_a_named_layer_is_that_of_its_maps(self, images: Tensor) -> None:
        """Differentiated by hand, with the maps as a variable of their own."""
        model, _ = self.models()
        maps = model.eval()[:2](images).detach().requires_grad_()
        (gradient,) = torch.autograd.grad(model[3:](maps.relu())[:, 3].sum(), maps)
        evidence = (gradient.mean((2, 3), keepdim=True) * maps.detach()).sum(1).relu()
        expected = evidence / evidence.amax((1, 2), keepdim=True)
        torch.testing.assert_close(grad_cam(model, images, 3, "1"), expected)

    def test_a_function_in_place(self, images: Tensor) -> None:
        class Model(nn.Module):
            def __init__(self, relu: Any) -> None:
                super().__init__()
                torch.manual_seed(0)
                self.conv, self.output, self.relu = nn.Conv2d(1, 4, 3), nn.Linear(4, 3), relu

            def forward(self, images: Tensor) -> Tensor:
                return self.output(self.relu(self.conv(images)).mean((2, 3)))

        found = grad_cam(Model(torch.relu_), images, 1, "conv")
        torch.testing.assert_close(found, grad_cam(Model(torch.relu), images, 1, "conv"))

    @pytest.mark.parametrize("look", [feature_maps, saliency, grad_cam])
    def test_a_first_layer_in_place_leaves_the_images(self, images: Tensor, look: Any) -> None:
        before = images.clone()
        look(nn.Sequential(nn.Hardtanh(0, 0.5, inplace=True), small()), images)
        assert torch.equal(images, before)


@pytest.mark.parametrize("look", [saliency, grad_cam])
class TestClasses:
    @pytest.mark.parametrize(
        "classes",
        [2, np.int64(2), torch.tensor(2), [2, 2, 2], (2, 2, 2), np.array([2, 2, 2]), torch.tensor([2, 2, 2]),
         torch.tensor([2, 2, 2], dtype=torch.int32)],
    )  # fmt: skip
    def test_a_number_a_list_an_array_or_a_tensor(self, look: Any, images: Tensor, classes: Any) -> None:
        model = small()
        alone = torch.cat([look(model, each[None], 2) for each in images])
        torch.testing.assert_close(look(model, images, classes), alone, rtol=1e-4, atol=1e-5)

    @pytest.mark.parametrize(
        ("classes", "message"),
        [
            (torch.tensor([3]), "expected a class for each of 3 images, got 1"),
            ([0, 1], "expected a class for each of 3 images, got 2"),
            ([], "expected a class for each of 3 images, got 0"),
            ([0, 1, 5], r"classes\[2\] is 5; pass at most 4"),
            (-1, "classes is -1"),
            (5, "classes is 5; pass at most 4"),
            ("cat", "classes: expected an integer, got 'cat'"),
            (["cat"] * 3, r"classes\[0\]: expected an integer, got 'cat'"),
            (1.0, "classes: expected an integer, got 1.0"),
            (True, "classes: expected an integer, got True"),
            (torch.tensor([0.0, 1.0, 2.0]), r"classes\[0\]: expected an integer"),
            (torch.zeros(3, 1, dtype=torch.int64), r"classes\[0\]: expected an integer, got \[0\]"),
        ],
    )
    def test_others_are_refused(self, look: Any, images: Tensor, classes: Any, message: str) -> None:
        with pytest.raises(UsageError, match=message):
            look(small(), images, classes)


class TestLayers:
    def test_a_path_a_list_or_the_layer_itself(self, images: Tensor) -> None:
        model = small()
        for layers in ("1", ["1"], ("1",), model[1], [model[1]]):
            assert list(feature_maps(model, images, layers)) == ["1"]
        assert torch.equal(filters(model, model[0]), filters(model, "0"))
        assert torch.equal(grad_cam(model, images, 1, model[1]), grad_cam(model, images, 1, "1"))

    @pytest.mark.parametrize("layer", [0, 1.5, True, ["0"], b"0"])
    def test_other_types_are_refused(self, images: Tensor, layer: Any) -> None:
        for look in (lambda: grad_cam(small(), images, 1, layer), lambda: filters(small(), layer)):
            with pytest.raises(UsageError, match="layer: expected the path of a layer, got"):
                look()
        if not isinstance(layer, list):
            with pytest.raises(UsageError, match=r"expected (the )?path"):
                feature_maps(small(), images, layer)

    def test_similar_paths_are_suggested(self, images: Tensor) -> None:
        model = hr.vision.create_model("lenet5")
        with pytest.raises(UsageError, match=r"the model has no layer 'C3.Conv'; did you mean 'C3.conv'"):
            grad_cam(model, images, 1, "C3.Conv")
        with pytest.raises(UsageError, match="the module is not a layer of the model"):
            grad_cam(model, images, 1, nn.ReLU())

    def test_a_layer_that_is_not_called_is_named(self, images: Tensor) -> None:
        model = small()
        model.add_module("unused", nn.ModuleDict({"conv": nn.Conv2d(1, 1, 1)}))
        model.forward = lambda images: nn.Sequential(*list(model)[:7])(images)  # type: ignore[method-assign]
        for look in (
            lambda: feature_maps(model, images, "unused.conv"),
            lambda: grad_cam(model, images, 1, "unused.conv"),
        ):
            with pytest.raises(UsageError, match=r"layer 'unused.conv' is not called in inference"):
                look()

    def test_a_layer_that_the_logits_do_not_depend_on(self, images: Tensor) -> None:
        class Detached(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.conv, self.inner = nn.Conv2d(1, 1, 1), small()

            def forward(self, images: Tensor) -> Tensor:
                return self.inner(images) + self.conv(images).detach().mean()

        with pytest.raises(UsageError, match="the logits do not depend on layer 'conv'"):
            grad_cam(Detached(), images, 1, "conv")


@pytest.mark.parametrize("look", [saliency, grad_cam])
class TestImages:
    @pytest.mark.parametrize(
        "images",
        [np.zeros((1, 1, 28, 28), np.float32), torch.zeros(1, 28, 28), torch.zeros(1, 1, 28, 28).byte(),
         torch.zeros(0, 1, 28, 28), torch.zeros(()), [[1.0]], None],
    )  # fmt: skip
    def test_others_are_refused(self, look: Any, images: Any) -> None:
        with pytest.raises(SchemaError, match=r"images: expected float \[N, channels, height, width\], got"):
            look(small(), images)

    def test_images_that_the_model_fails_on(self, look: Any) -> None:
        with pytest.raises(ModelError, match=r"the model fails on float32\[1, 3, 28, 28\]: RuntimeError"):
            look(small(), torch.zeros(1, 3, 28, 28))

    def test_in_inference_mode(self, look: Any, images: Tensor) -> None:
        model = small()
        with torch.inference_mode():
            found = look(model, images.clone(), 1)
        torch.testing.assert_close(found, look(model, images, 1))

    def test_of_a_fused_network(self, look: Any, images: Tensor) -> None:
        model = hr.vision.create_model("small_se_resnet", num_classes=3, in_channels=1, input_size=28).eval()
        torch.testing.assert_close(
            look(hr.vision.fuse(model), images, 1), look(model, images, 1), rtol=1e-3, atol=1e-4
        )


@pytest.mark.parametrize("look", [feature_maps, saliency, grad_cam])
def test_modes_are_restored_after_an_error(look: Any) -> None:
    model = small()
    model[1].eval()
    with pytest.raises(HeadraceError):
        look(model, torch.zeros(1, 3, 28, 28))
    assert [layer.training for layer in model] == [number != 1 for number in range(7)]
    assert all(not layer._forward_hooks for layer in model.modules())


@pytest.mark.parametrize("model", ["resnet18", None, torch.relu])
def test_models_are_modules(model: Any, images: Tensor) -> None:
    for look in (feature_maps, saliency, grad_cam):
        with pytest.raises(UsageError, match="model: expected a module, got"):
            look(model, images)


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
