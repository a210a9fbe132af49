"""Training options are one object, however they are passed."""

from pathlib import Path

import numpy as np
import pytest
from torch import nn

from headrace import Dataset
from headrace.errors import UsageError
from headrace.training import FitResult, Options, fit

ROWS = Dataset.from_arrays({"x": np.eye(4, dtype=np.float32), "label": np.array([0, 1, 0, 1])})


def train(out_dir: Path, **changes: object) -> FitResult:
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


@pytest.mark.parametrize(
    ("name", "value"),
    [("epochs", 0), ("batch_size", -1), ("learning_rate", float("nan")), ("label_scale", 0.0)],
)
def test_numbers_are_positive(name: str, value: float) -> None:
    with pytest.raises(UsageError, match=rf"{name} is .*; use a number above zero"):
        Options().override(**{name: value}).check()
