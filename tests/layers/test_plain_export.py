"""Models that hold layers, exported by `torch.onnx.export` itself: the values of the model, or one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

import headrace as hr
from headrace.errors import HeadraceError, UsageError


class _Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.buckets = hr.layers.Discretization(bin_boundaries=[0.0, 1.0, 2.5])
        self.lookup = hr.layers.IntegerLookup(vocabulary=[9, -3, 5, 2**40])
        self.one_hot = hr.layers.CategoryEncoding(5, output_mode="one_hot")

    def forward(self, numbers: Tensor, places: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        found = self.lookup(places)
        return self.buckets(numbers), found, self.one_hot(found[:, 0])


def test_torch_onnx_export_of_discretization_and_integer_lookup(tmp_path: Path) -> None:
    model = _Model().eval()
    numbers = torch.tensor([[0.0, -1.0], [2.5, float("nan")], [1.0, float("inf")]])
    places = torch.tensor([[9, -3], [5, 2**40], [0, 1]])
    expected = model(numbers, places)
    program = torch.onnx.export(model, (numbers, places), dynamo=True, verbose=False)
    assert program is not None
    program.save(tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    found = session.run(None, {"numbers": numbers.numpy(), "places": places.numpy()})
    for value, tensor in zip(found, expected, strict=True):
        np.testing.assert_array_equal(value, tensor.numpy())
    again = model(numbers, places)  # the kernels of before, not what was exported
    assert all(torch.equal(first, second) for first, second in zip(expected, again, strict=True))


@pytest.mark.parametrize(
    "layer",
    [
        hr.layers.Hashing(10),
        hr.layers.CategoryEncoding(4, output_mode="multi_hot"),
        hr.layers.CategoryEncoding(4, output_mode="count"),
    ],
    ids=["Hashing", "multi_hot", "count"],
)
def test_layers_that_torch_cannot_trace_name_hr_deploy_export(layer: nn.Module) -> None:
    model = nn.Sequential(layer, nn.Flatten())
    with pytest.raises(Exception, match=r"hr\.deploy\.export") as caught:
        torch.export.export(model, (torch.tensor([[3, 1], [2, 2]]),))
    error: BaseException | None = caught.value
    while error is not None and not isinstance(error, HeadraceError):
        error = error.__cause__ or error.__context__
    assert isinstance(error, UsageError)
    assert "\n" not in str(error)
