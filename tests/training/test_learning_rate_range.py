"""`find_learning_rate` suggests a rate that trains, and draws the losses."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from headrace import Dataset
from headrace.errors import ModelError, UsageError
from headrace.training import find_learning_rate

GENERATOR = np.random.default_rng(0)
LABELS = GENERATOR.integers(0, 2, 65)
ROWS = Dataset.from_arrays(
    {"x": (GENERATOR.normal(size=(65, 2)) + 2 * LABELS[:, None]).astype(np.float32), "y": LABELS}
)


def make_model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.1), nn.Linear(8, 2))


def test_a_rate_is_suggested_and_the_model_is_unchanged(tmp_path: Path) -> None:
    model = make_model()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    expected = torch.get_rng_state()
    found = find_learning_rate(model, ROWS.shuffle(0), label="y", batch_size=16, steps=60, highest=100)
    assert torch.equal(torch.get_rng_state(), expected)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert 1e-4 < found.best < 1
    assert list(found.rates) == sorted(found.rates)
    assert len(found.losses) == len(found.rates) <= 60
    assert found.rates[0] == pytest.approx(1e-6)
    again = find_learning_rate(model, ROWS.shuffle(0), label="y", batch_size=16, steps=60, highest=100)
    assert again == found
    assert Image.open(found.plot(tmp_path / "rates.png")).size == (810, 450)
    with pytest.raises(UsageError, match=r"rates.pdf: expected the extension \.png, got \.pdf; write"):
        found.plot(tmp_path / "rates.pdf")


def test_what_it_cannot_use_is_refused() -> None:
    with pytest.raises(UsageError, match="highest is 1e-07"):
        find_learning_rate(make_model(), ROWS, label="y", highest=1e-7)
    with pytest.raises(UsageError, match="steps is 3"):
        find_learning_rate(make_model(), ROWS, label="y", steps=3)
    bad = Dataset.from_arrays({"x": np.full((8, 2), np.nan, np.float32), "y": np.arange(8) % 2})
    with pytest.raises(ModelError, match="not finite"):
        find_learning_rate(make_model(), bad, label="y", batch_size=4)
