"""Weights of a file as a start: features of torchvision and timm, a new head, other channels."""

import json
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import headrace as hr
from headrace.errors import ModelError, UsageError
from headrace.vision import find_model
from headrace.vision.weights.fine_tune import adapt_channels

from ..conformance.references.numbers import draw, numbers

GOLDEN: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "golden" / "features.json").read_text()
)


def features(model: nn.Module, images: Tensor) -> Tensor:
    """Compute what the output layer receives."""
    received: list[Tensor] = []
    hook = model.get_submodule("output").register_forward_pre_hook(lambda _, x: received.append(x[0]))
    with torch.inference_mode():
        model.eval()(images)
    hook.remove()
    return received[0]


def fine_tune(path: Path, name: str = "lenet5", **options: Any) -> nn.Module:
    arguments: dict[str, Any] = {"num_classes": 5, **options}
    return hr.vision.create_model(name, weights=path, head="new", **arguments)


@pytest.fixture(scope="module")
def lenet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "lenet5.pth"
    torch.save(hr.vision.create_model("lenet5", num_classes=4, seed=3).state_dict(), path)
    return path


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: f"{case['model']} by {case['by']}")
def test_features_equal_torchvision_or_timm(case: dict[str, Any], tmp_path: Path) -> None:
    path, size = tmp_path / "weights.pth", case["size"]
    torch.save(draw(case["tensors"]), path)
    with pytest.warns(
        UserWarning,
        match=r"new: output.weight, output.bias; left out of the file: (fc|aux1.conv.conv)\.weight, ",
    ):
        model = fine_tune(path, case["model"], input_size=size, transform_input=case["transform_input"])
    found = features(model, numbers("images", (2, 3, size, size)))[:, :8]
    expected = torch.tensor(case["features"])
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5 * expected.abs().max().item())


def test_the_backbone_is_loaded_and_the_head_is_new(lenet: Path) -> None:
    with pytest.warns(UserWarning, match="new: ") as caught:
        model = fine_tune(lenet, seed=1)
    assert str(caught[0].message) == (
        f"{lenet}: new: output.weight, output.bias; left out of the file: output.weight, output.bias"
    )
    assert caught[0].filename == __file__
    stored = torch.load(lenet)
    fresh = hr.vision.create_model("lenet5", num_classes=5, seed=1).state_dict()
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, (fresh if name.startswith("output.") else stored)[name])


def test_auxiliary_classifiers_are_new(tmp_path: Path) -> None:
    torch.save(hr.vision.create_model("googlenet_bn", input_size=32).state_dict(), tmp_path / "w.pth")
    with pytest.warns(UserWarning, match=r"new: auxiliary\.4a\.conv\.conv\.weight, "):
        model = fine_tune(tmp_path / "w.pth", "googlenet_bn_auxiliary", input_size=32)
    assert model.get_parameter("auxiliary.4d.output.weight").shape == (5, 1024)


def test_weights_without_a_head(lenet: Path, tmp_path: Path) -> None:
    backbone = {name: each for name, each in torch.load(lenet).items() if not name.startswith("output.")}
    torch.save({"state_dict": {f"module.{name}": each for name, each in backbone.items()}}, tmp_path / "w")
    with pytest.warns(UserWarning, match=r"new: output.weight, output.bias$"):
        model = fine_tune(tmp_path / "w")
    assert torch.equal(model.state_dict()["C1.conv.weight"], backbone["C1.conv.weight"])
    with pytest.raises(ModelError, match=r"weights of another head: 2 of .*; pass head='new'"):
        hr.vision.create_model("lenet5", weights=tmp_path / "w")


class TestChannels:
    """The first convolution is adapted to images of one, two, or more than three channels."""

    @pytest.fixture
    def colour(self, tmp_path: Path) -> Path:
        model = hr.vision.create_model("lenet5", in_channels=3, seed=3)
        torch.save(model.state_dict(), tmp_path / "lenet5.pth")
        return tmp_path / "lenet5.pth"

    def adapt(self, path: Path, channels: int, what: str) -> nn.Module:
        with pytest.warns(UserWarning, match=what):
            return fine_tune(path, "lenet5", in_channels=channels)

    @pytest.mark.parametrize("channels", [1, 2])
    def test_equal_channels_have_the_features_of_their_red_green_blue_copies(
        self, colour: Path, channels: int
    ) -> None:
        grey = torch.rand(2, 1, 28, 28, generator=torch.Generator().manual_seed(0))
        model = self.adapt(colour, channels, f"C1.conv.weight: 3 to {channels} channels by the mean")
        expected = features(self.adapt(colour, 3, "new: "), grey.expand(-1, 3, -1, -1))
        torch.testing.assert_close(features(model, grey.expand(-1, channels, -1, -1)), expected)

    @pytest.mark.parametrize("channels", [4, 6])
    def test_more_channels_start_with_the_features_of_the_first_three(
        self, colour: Path, channels: int
    ) -> None:
        images = torch.rand(2, channels, 28, 28, generator=torch.Generator().manual_seed(0))
        model = self.adapt(colour, channels, f"kernels of the last {channels - 3} start at 0")
        expected = features(self.adapt(colour, 3, "new: "), images[:, :3])
        torch.testing.assert_close(features(model, images), expected)
        model.train()(images).sum().backward()
        gradient = model.get_parameter("C1.conv.weight").grad
        assert gradient is not None
        assert gradient[:, 3:].abs().sum() > 0  # the new channels learn

    def test_grey_weights_for_colour(self) -> None:
        grey, image = {"w": torch.rand(4, 1, 3, 3)}, torch.rand(1, 1, 5, 5)
        adapted, _ = adapt_channels(grey, {"w": torch.zeros(4, 3, 3, 3)})
        torch.testing.assert_close(
            nn.functional.conv2d(image.expand(-1, 3, -1, -1), adapted["w"]),
            nn.functional.conv2d(image, grey["w"]),
        )

    def test_other_numbers_of_channels_are_refused(self, tmp_path: Path) -> None:
        torch.save(hr.vision.create_model("lenet5", in_channels=4).state_dict(), tmp_path / "w")
        with pytest.raises(ModelError, match=r"with in_channels=4, not with in_channels=3"):
            fine_tune(tmp_path / "w", "lenet5", in_channels=3)


class TestRefusals:
    """What does not fit is still named."""

    def test_weights_of_another_network(self, lenet: Path) -> None:
        with pytest.raises(ModelError, match=r"of \d+ tensors differ"):
            fine_tune(lenet, "fashion_cnn")

    def test_weights_of_another_stem(self, tmp_path: Path) -> None:
        torch.save(hr.vision.create_model("resnet18").state_dict(), tmp_path / "w")
        with pytest.raises(ModelError, match=r"with input_size=\(224, 224\), not with input_size=\(32, 32\)"):
            fine_tune(tmp_path / "w", "resnet18", input_size=32)

    def test_another_number_of_classes_names_fine_tuning(self, lenet: Path) -> None:
        with pytest.raises(ModelError, match=r"pass num_classes=4, or head='new' to fine-tune them\."):
            hr.vision.create_model("lenet5", num_classes=5, weights=lenet)

    def test_an_unknown_head(self) -> None:
        with pytest.raises(UsageError, match="head"):
            hr.vision.create_model("resnet18", head="fresh")

    def test_a_choice_of_weights_may_be_none(self) -> None:
        with warnings.catch_warnings(action="error"):
            hr.vision.create_model("lenet5", weights=None, head="new")


@pytest.mark.parametrize(
    ("name", "mean"),
    [("resnet50", 0.485), ("vgg16", 0.485), ("googlenet_bn", 0.5), ("inception_v3", 0.5), ("xception", 0.5)],
)
def test_mean_and_deviation_that_belong_to_weights(name: str, mean: float) -> None:
    spec = find_model(name)
    assert spec.mean is not None
    assert spec.mean[0] == mean
