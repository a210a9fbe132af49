"""Suites run over every registered model, and what the registry promises."""

import pytest
import torch
from torch import nn

import headrace as hr
from headrace.errors import UsageError
from headrace.vision.models.registry import register_model

PARAMETERS = {"fashion_cnn": 1_413_834, "lenet5": 61_706}  # for 28x28x1 and 10 classes


def count(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def test_every_model_has_a_known_size() -> None:
    assert {name: count(hr.vision.create_model(name)) for name in hr.vision.list_models()} == PARAMETERS


@pytest.mark.parametrize("name", hr.vision.list_models())
class TestEveryModel:
    @pytest.mark.parametrize("size", [(28, 28), (40, 36)])
    def test_images_become_logits(self, name: str, size: tuple[int, int]) -> None:
        model = hr.vision.create_model(name, num_classes=7, in_channels=3, input_size=size)
        assert model(torch.rand(5, 3, *size)).shape == (5, 7)

    def test_every_weight_gets_a_gradient(self, name: str) -> None:
        model = hr.vision.create_model(name).eval()
        model(torch.rand(64, 1, 28, 28)).square().sum().backward()
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())

    def test_first_guesses_are_near_even_odds(self, name: str) -> None:
        with torch.random.fork_rng():
            torch.manual_seed(0)
            logits = hr.vision.create_model(name).eval()(torch.randn(64, 1, 28, 28))
        assert 0 < logits.std().item() < 0.5

    def test_the_seed_decides_the_weights(self, name: str) -> None:
        first, same, other = (
            nn.utils.parameters_to_vector(hr.vision.create_model(name, seed=seed).parameters())
            for seed in (1, 1, 2)
        )
        assert torch.equal(first, same)
        assert not torch.equal(first, other)

    def test_the_global_generator_is_left_alone(self, name: str) -> None:
        before = torch.get_rng_state()
        hr.vision.create_model(name)
        assert torch.equal(before, torch.get_rng_state())


def test_lenet_pads_28_pixels_to_32() -> None:
    model = hr.vision.create_model("lenet5")
    assert model[0](torch.ones(1, 1, 28, 28)).shape == (1, 1, 32, 32)
    assert model[0](torch.ones(1, 1, 28, 28)).sum() == 28 * 28


def test_images_too_small_are_refused() -> None:
    with pytest.raises(UsageError, match="4x4 pixels are too small"):
        hr.vision.create_model("fashion_cnn", input_size=(4, 4))


def test_an_unknown_name_lists_the_near_ones() -> None:
    with pytest.raises(UsageError, match="no model is named 'lenet'; did you mean 'lenet5'"):
        hr.vision.create_model("lenet")


def test_a_second_model_of_the_same_name_is_an_error() -> None:
    def lenet5(*, num_classes: int, in_channels: int, input_size: tuple[int, int]) -> nn.Module:
        return nn.Linear(in_channels * input_size[0], num_classes)

    with pytest.raises(UsageError, match="'lenet5' is registered already"):
        register_model(input_size=(1, 1), source="none")(lenet5)
