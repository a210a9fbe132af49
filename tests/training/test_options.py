"""Training options are one object, however they are passed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from headrace import Dataset
from headrace.errors import UsageError
from headrace.training import FitResult, Options, fit

ROWS = Dataset.from_arrays({"x": np.eye(4, dtype=np.float32), "label": np.array([0, 1, 0, 1])})


def train(out_dir: Path, **changes: object) -> FitResult:
    torch.manual_seed(0)
    return fit(nn.Linear(4, 2), ROWS, ROWS, label="label", out_dir=out_dir, progress=False, **changes)  # type: ignore[arg-type]


def test_overrides_replace_fields_of_the_options(tmp_path: Path) -> None:
    options = Options(epochs=5, batch_size=2, device="cpu")
    result = train(tmp_path, options=options, epochs=2)
    assert result.epochs == 2
    assert options.epochs == 5
    again = train(tmp_path, options=Options(epochs=2, batch_size=2))
    assert again.resumed_at_step == 4


def test_where_and_how_often_to_save_may_change_between_sessions(tmp_path: Path) -> None:
    train(tmp_path, epochs=1)
    assert train(tmp_path, epochs=1, device="cpu", checkpoint_seconds=None).resumed_at_step == 1


def test_an_unknown_option_is_named_with_similar_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"unknown training option 'optimiser'.*'optimizer'"):
        train(tmp_path, optimiser="sgd")


NAN = float("nan")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("epochs", [0, 2.0, True, "3", None]),
        ("batch_size", [-1, 0, 12.5, None]),
        ("learning_rate", [NAN, 0, -1, "1e-3", None, True]),
        ("weight_decay", [-0.1, NAN, None]),
        ("label_scale", [0.0, NAN, None]),
        ("label_smoothing", [1.0, 1.5, -0.1, None]),
        ("max_grad_norm", [0, -1, NAN, "1"]),
        ("augment", [5, "flip", Options]),
        ("seed", [-1, 1.5, None, "0"]),
        ("patience", [0, -1, 1.5]),
        ("compile", [1, "yes", None]),
        ("device", [0, ""]),
        ("checkpoint_seconds", [-1, NAN, "60"]),
        ("schedule", ["cosin", None]),
        ("warmup_steps", [-1, 0.5, 3]),  # 3: the default, one_cycle, has a warmup of its own
        ("gamma", [0, 1.5, NAN, None]),
        ("accumulate", [0, 1.5, None]),
        ("ema_decay", [0, 1, "0.9", NAN]),
        ("freeze", [3, [3], {"a": 1}, [""]]),
        ("learning_rates", [{"a": -1}, {"a": 0}, {3: 1.0}, [("a", 1)]]),
        ("logger", [3, "tensorboard", dict]),
    ],
)
def test_values_of_other_types_or_ranges_are_refused(name: str, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(UsageError, match=rf"^{name}[ :\[]"):
            Options().override(**{name: value}).check()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("optimizer", "AdamW"),
        ("optimizer", None),
        ("mixed_precision", "BF16"),
        ("mixed_precision", True),
        ("device", "gpu"),
    ],
)
def test_unknown_names_are_refused(tmp_path: Path, name: str, value: Any) -> None:
    with pytest.raises(UsageError, match=f"^{name}"):
        train(tmp_path, **{name: value})


def test_numpy_s_numbers_are_stored_as_python_s(tmp_path: Path) -> None:
    numbers = {
        "epochs": np.int64(1),
        "seed": np.uint8(3),
        "batch_size": np.int32(2),
        "learning_rate": np.float32(0.5),
    }
    assert train(tmp_path, **numbers).epochs == 1
    assert train(tmp_path, epochs=1, seed=3, batch_size=2, learning_rate=0.5).resumed_at_step == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "resnet18"}, "model: expected a module, got 'resnet18'; create it"),
        ({"train": {"x": [1]}}, "train: expected a Dataset"),
        ({"validation": None}, "validation: expected a Dataset, got None"),
        ({"label": 3}, "label: expected a string"),
        ({"options": {"epochs": 3}}, "options: expected Options"),
        ({"fresh": "yes"}, "fresh: expected True or False"),
    ],
)
def test_other_arguments_of_fit(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {
        "model": nn.Linear(4, 2),
        "train": ROWS,
        "validation": ROWS,
        "label": "label",
    }
    with pytest.raises(UsageError, match=message):
        fit(**{**arguments, **changes}, out_dir=tmp_path)
