"""Parts of a model: what the caller froze or put in evaluation mode stays so; rates by part."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from headrace import Dataset
from headrace.errors import UsageError
from headrace.training import fit

IMAGES = np.random.default_rng(0).normal(1, 2, size=(17, 2, 3, 3)).astype(np.float32)
ROWS = Dataset.from_arrays({"image": IMAGES, "label": np.arange(17) % 2})


def make_model() -> nn.Sequential:
    torch.manual_seed(0)
    features = nn.Sequential(nn.Conv2d(2, 3, 2), nn.BatchNorm2d(3), nn.BatchNorm2d(3, affine=False))
    return nn.Sequential(features, nn.Flatten(), nn.BatchNorm1d(12), nn.Linear(12, 2))


def train(model: nn.Module, out_dir: Path, **options: Any) -> Mapping[str, Tensor]:
    """Train, and return the weights that changed."""
    before = {name: value.clone() for name, value in model.state_dict().items()}
    chosen: dict[str, Any] = {"epochs": 1, "batch_size": 8, "learning_rate": 0.1, **options}
    fit(model, ROWS, ROWS, label="label", out_dir=out_dir, progress=False, **chosen)
    after = model.state_dict()
    return {name: value for name, value in after.items() if not torch.equal(value, before[name])}


REST = {
    *(f"2.{name}" for name in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")),
    *("3.weight", "3.bias"),
}


@pytest.mark.parametrize("freeze", ["0", "0.*", ["0.0", "0.1", "0.2.running_mean", "0.0.bias"]])
def test_a_frozen_part_keeps_its_bits_and_its_batch_norms_statistics(tmp_path: Path, freeze: Any) -> None:
    if isinstance(freeze, list):
        freeze = freeze[:2]  # the norm without parameters is frozen with the part around it
    model = make_model()
    assert train(model, tmp_path, freeze=freeze, ema_decay=0.5).keys() == REST
    assert all(each.requires_grad for each in model.parameters())
    assert all(layer.training for layer in model.modules())


def test_what_the_user_froze_stays_frozen(tmp_path: Path) -> None:
    model = make_model()
    model[0].requires_grad_(False)
    assert train(model, tmp_path).keys() == REST
    assert not any(each.requires_grad for each in model[0].parameters())


def test_what_the_user_put_in_eval_stays_in_eval(tmp_path: Path) -> None:
    model = make_model()
    model[0].eval()
    changed = train(model, tmp_path, epochs=2)
    assert changed.keys() == REST | {"0.0.weight", "0.0.bias", "0.1.weight", "0.1.bias"}
    assert not model[0][1].training  # pyright: ignore
    assert model[2].training


def test_a_model_in_eval_as_a_whole_is_trained(tmp_path: Path) -> None:
    model = make_model().eval()
    assert "2.running_mean" in train(model, tmp_path)
    assert not model.training


def test_learning_rates_by_part_of_the_model(tmp_path: Path) -> None:
    model = make_model()
    before = {name: value.detach().clone() for name, value in model.named_parameters()}
    train(model, tmp_path, batch_size=17, schedule="constant", learning_rates={"2": 1e-4, "*.bias": 1e-3})
    moved = {
        name: float((value.detach() - before[name]).abs().max()) for name, value in model.named_parameters()
    }
    assert moved["2.bias"] == pytest.approx(1e-4, rel=0.05)  # Adam's first step is the learning rate
    assert moved["3.bias"] == pytest.approx(1e-3, rel=0.05)
    assert moved["3.weight"] == pytest.approx(0.1, rel=0.05)


def test_patterns_that_match_nothing_are_refused_with_a_similar_name(tmp_path: Path) -> None:
    model = nn.Sequential()
    model.add_module("features", nn.Linear(18, 2))
    for options in ({"freeze": ["feature"]}, {"learning_rates": {"feature": 0.1}}):
        with pytest.raises(UsageError, match=r"no parameter of the model matches 'feature'.*'1.features'"):
            train(nn.Sequential(nn.Flatten(), model), tmp_path, **options)


def test_everything_frozen_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no trainable parameters"):
        train(make_model(), tmp_path, freeze="*")
