"""A finished training goes on for more epochs; a folder takes no training with other first weights."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from headrace import Dataset
from headrace.errors import UsageError
from headrace.training import FitResult, fit

GENERATOR = np.random.default_rng(0)
LABELS = GENERATOR.integers(0, 2, 24)
POINTS = (GENERATOR.normal(size=(24, 2)) + 2 * LABELS[:, None]).astype(np.float32)
ROWS = Dataset.from_arrays({"x": POINTS, "label": LABELS})


def make_model(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(2, 4), nn.Dropout(0.2), nn.Linear(4, 2))


def train(out_dir: Path, model: nn.Module | None = None, *, show: bool = False, **options: Any) -> FitResult:
    chosen: dict[str, Any] = {"epochs": 2, "batch_size": 8, "learning_rate": 0.05, **options}
    rows = ROWS.shuffle(0)
    return fit(model or make_model(), rows, ROWS, label="label", out_dir=out_dir, progress=show, **chosen)


def same_weights(one: FitResult, other: FitResult) -> bool:
    first, second = load_file(one.last_weights), load_file(other.last_weights)
    return all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize(
    "options",
    [
        {"schedule": "constant"},
        {"schedule": "constant", "warmup_steps": 4},
        {"schedule": "exponential", "gamma": 0.5},
        {"schedule": "constant", "ema_decay": 0.9},
        {"schedule": "constant", "accumulate": 2, "optimizer": "nadam"},
    ],
)
def test_more_epochs_after_the_end_are_as_if_asked_for_at_first(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    train(tmp_path / "longer", **options)
    longer = train(tmp_path / "longer", epochs=4, **options)
    at_first = train(tmp_path / "at first", epochs=4, **options)
    assert longer.resumed_at_step is not None
    assert longer.epochs == 4
    assert longer.lengths == ()
    assert same_weights(longer, at_first)
    losses = [[row["train_loss"] for row in result.history] for result in (longer, at_first)]
    assert losses[0] == losses[1]


def test_more_epochs_under_a_schedule_of_the_whole_training_are_stated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train(tmp_path, schedule="cosine")
    result = train(tmp_path, schedule="cosine", epochs=4, show=True)
    assert result.lengths == (2,)
    assert (
        "continues after epoch 2: the learning rate so far followed a schedule of 2"
        in capsys.readouterr().err
    )
    rates = [row["learning_rate"] for row in result.history]
    assert rates == pytest.approx([0.025, 0.0, 0.05 * (1 - 2**-0.5) / 2, 0.0])
    assert train(tmp_path, schedule="cosine", epochs=4).lengths == (2,)
    assert train(tmp_path, schedule="cosine", epochs=5).lengths == (2, 4)


def test_the_model_that_was_trained_goes_on(tmp_path: Path) -> None:
    model = make_model()
    train(tmp_path, model, schedule="constant")
    longer = train(tmp_path, model, schedule="constant", epochs=3)  # the model has the best weights by now
    assert same_weights(longer, train(tmp_path / "other", schedule="constant", epochs=3))


def test_fewer_epochs_and_less_patience_are_refused(tmp_path: Path) -> None:
    train(tmp_path, patience=2)
    with pytest.raises(UsageError, match="epochs was 2 and is now 1"):
        train(tmp_path, epochs=1, patience=2)
    with pytest.raises(UsageError, match="patience was 2 and is now 1"):
        train(tmp_path, patience=1)
    assert train(tmp_path, patience=3).epochs == 2
    assert train(tmp_path, epochs=3).epochs == 3


def test_a_second_fit_into_the_same_folder_with_other_first_weights_is_refused(tmp_path: Path) -> None:
    first = train(tmp_path)
    with pytest.raises(UsageError, match=r"other first weights; call torch.manual_seed") as raised:
        train(tmp_path, make_model(seed=1))
    assert raised.value.path == str(tmp_path / "state.safetensors")
    assert train(tmp_path).history == first.history
    settings = json.loads((tmp_path / "history.json").read_text())["settings"]
    assert len(settings["weights"]) == 32
    assert train(tmp_path, make_model(seed=1), fresh=True).resumed_at_step is None
