"""A missing label or feature, not the learning rate, is named where the loss is not finite."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import headrace as hr
from headrace.errors import ModelError
from headrace.training.model_inputs import find_not_finite
from headrace.training.tasks import Split, Targets


def _rows(**changes: Any) -> hr.Dataset:
    values = {"x": np.ones(8, np.float32), "y": np.ones(8, np.float32)}
    for name, (row, value) in changes.items():
        values[name][row] = value
    return hr.Dataset.from_arrays(values)


class _Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.last = nn.Linear(1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(x[:, None])


@pytest.mark.parametrize(
    ("train", "validation", "message"),
    [
        ({"y": (5, np.nan)}, {}, "epoch 1, batch 2: label 'y' is nan in row 1 of the batch; fill in missing"),
        (
            {"x": (2, np.inf)},
            {},
            "epoch 1, batch 1: feature 'x' is inf in row 2 of the batch; fill in missing",
        ),
        ({}, {"y": (6, np.nan)}, "batch 1: label 'y' is nan in row 6 of the batch; fill in missing"),
    ],
)
def test_a_missing_label_is_named(train: Any, validation: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"the loss is not finite in .*{message}"):
        hr.training.fit(
            _Network(), _rows(**train), _rows(**validation),
            label="y", out_dir=tmp_path, epochs=1, batch_size=4, progress=False,
        )  # fmt: skip


def test_more_rows_are_counted() -> None:
    x = torch.tensor([[0.0, 1.0], [float("nan"), float("inf")], [float("-inf"), 1.0]])
    labels = torch.tensor([0, 1, 2])
    cause = find_not_finite(Split({"x": x}, labels, None), Targets("y"))
    assert cause == "feature 'x' is nan in row 1 of the batch and in 1 more rows"
    assert find_not_finite(Split({"x": x[:1]}, labels, None), Targets("y")) is None
