"""`label_scale`: one number, one for each number of a row, or those of several outputs."""

from __future__ import annotations

from math import sqrt
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import headrace as hr
from headrace.errors import ModelError, UsageError
from headrace.training.tasks import choose_task

ROWS = 16


def choose(head: Any, labels: Any, **options: Any) -> Any:
    return choose_task(head, labels, hr.training.Options(**options).check())


def test_each_number_of_a_row_counts_in_its_own_unit() -> None:
    outputs, labels = torch.tensor([[2.0, 300.0]]), torch.tensor([[1.0, 100.0]])
    task = choose(hr.deploy.Regressor(["small", "large"]), labels, label_scale=(1.0, 100.0))
    loss = task.compute_loss(outputs, labels)
    assert float(loss) == pytest.approx((1 + 4) / 2)
    sums = task.compute_sums(outputs, labels, loss).tolist()
    assert task.compute_metrics(sums) == pytest.approx({"loss": 2.5, "rmse": sqrt((1 + 200**2) / 2)})


def test_a_scale_too_many_is_refused() -> None:
    labels = torch.zeros(4, 2)
    task = choose(hr.deploy.Regressor(["a", "b"]), labels, label_scale=[1.0, 2.0, 3.0])
    with pytest.raises(ModelError, match="label_scale has 3 numbers, but the label has 2 per row"):
        task.compute_loss(torch.zeros(4, 2), labels)


@pytest.mark.parametrize(
    ("scale", "message"),
    [
        (0.0, "label_scale: expected a number above 0"),
        ([1.0, -1.0], r"label_scale\[1\]: expected a number above 0"),
        ({"mass": "big"}, r"label_scale\['mass'\]: expected a number above 0"),
        ("large", "label_scale: expected a number above 0"),
    ],
)
def test_scales_are_numbers_above_zero(scale: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        hr.training.Options(label_scale=scale).check()


def test_scales_by_output_are_refused_for_one_output() -> None:
    with pytest.raises(UsageError, match="label_scale: expected a number, got one by output"):
        choose(hr.deploy.Regressor(), torch.zeros(4), label_scale={"mass": 2.0})


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1, 3)
        self.outputs = hr.nn.NamedOutputs({"kind": 2, "mass": 1}, {"mass": 1000.0}, {"mass": 5000.0})

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        return self.outputs(self.layer(x.reshape(-1, 1)))


def test_outputs_of_different_kinds_have_scales_by_name(tmp_path: Path) -> None:
    x = torch.linspace(-1, 1, ROWS).numpy()
    data = hr.Dataset.from_arrays({"x": x, "kind": (x > 0).astype("int64"), "mass": 5000 + 1000 * x})
    arguments: dict[str, Any] = {
        "label": {"kind": "kind", "mass": "mass"},
        "head": {"kind": hr.deploy.Classifier(["small", "large"]), "mass": hr.deploy.Regressor()},
        "out_dir": tmp_path,
        "epochs": 1,
        "progress": False,
    }
    with pytest.raises(UsageError, match=r"label_scale: no output is called 'mas'.*mass"):
        hr.training.fit(Network(), data, data, **arguments, label_scale={"mas": 1000.0})
    result = hr.training.fit(Network(), data, data, **arguments, label_scale={"mass": 1000.0})
    assert result.best["validation_loss"] < 10  # of standardised numbers, not of grams
    assert result.best["validation_mass_rmse"] > 10
