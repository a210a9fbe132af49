"""Errors inside a layer name the user's line and the layer, not a line of torch; one line each."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from headrace import Dataset
from headrace.errors import ModelError
from headrace.nn import describe_failure
from headrace.training import fit, predict

ROWS = Dataset.from_arrays({"x": np.ones((4, 3), np.float32), "label": np.array([0, 1, 0, 1])})
PAIRS = Dataset.from_arrays(
    {"a": np.ones(4, np.float32), "b": np.ones(4, np.float32), "label": np.arange(4) % 2}
)


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.wrong = nn.Linear(5, 2)
        self.weight = nn.Parameter(torch.zeros(2))

    def forward(self, x: Tensor) -> Tensor:
        return self.wrong(x)  # the wrong line


class Raises(nn.Module):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error, self.weight = error, nn.Parameter(torch.zeros(2))

    def forward(self, _x: Tensor) -> Tensor:
        raise self.error


class InPlace(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3, 2))

    def forward(self, x: Tensor) -> Tensor:
        squares = (x @ self.weight).exp()
        squares_again = squares * squares
        squares += 1
        return squares_again


def find_line() -> int:
    lines = Path(__file__).read_text().splitlines()
    return 1 + next(
        number for number, line in enumerate(lines) if line.endswith("self.wrong(x)  # the wrong line")
    )


def test_a_shape_error_in_the_user_s_forward_is_one_clear_error_with_its_line(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Identity(), Block())
    with pytest.raises(ModelError, match=r"Runtime.*mat1.*in layer '1.wrong', Linear") as raised:
        fit(model, ROWS, ROWS, label="label", out_dir=tmp_path, epochs=1)
    assert (raised.value.path, raised.value.line) == (__file__, find_line())
    assert "\n" not in str(raised.value)
    assert "torch/" not in str(raised.value)
    with pytest.raises(ModelError) as raised:
        predict(model, ROWS, label="label")
    assert raised.value.line == find_line()


def test_a_network_of_torch_s_layers_names_the_layer(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(5, 2))
    with pytest.raises(ModelError, match=r"^the model fails on x float32.*in layer '2', Linear"):
        fit(model, ROWS, ROWS, label="label", out_dir=tmp_path, epochs=1)


@pytest.mark.parametrize(
    "error", [KeyError("k"), AttributeError("a"), AssertionError(), ZeroDivisionError("z")]
)
def test_every_exception_of_a_forward_names_its_line(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(ModelError, match=type(error).__name__) as raised:
        fit(Raises(error), ROWS, ROWS, label="label", out_dir=tmp_path, epochs=1)
    assert raised.value.path == __file__
    assert raised.value.__cause__ is error


def test_arguments_of_forward_that_are_not_the_columns(tmp_path: Path) -> None:
    class Other(nn.Linear):
        def forward(self, a: Tensor, c: Tensor) -> Tensor:
            return super().forward(torch.stack([a, c], 1))

    with pytest.raises(ModelError, match="name the arguments of forward as the columns: a, b"):
        fit(Other(2, 2), PAIRS, PAIRS, label="label", out_dir=tmp_path, epochs=1)


def test_gradients_that_cannot_be_computed(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"modified by an inplace operation.*set_detect_anomaly"):
        fit(InPlace(), ROWS, ROWS, label="label", out_dir=tmp_path, epochs=1)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_weights_of_another_type_than_the_inputs_are_named(dtype: torch.dtype) -> None:
    model, kind = nn.Linear(2, 2).to(dtype), str(dtype).removeprefix("torch.")
    with pytest.raises(RuntimeError) as caught:
        model(torch.zeros(1, 2))
    error = describe_failure(caught.value, model, "x float32[1, 2]", "the callers hint")
    assert error.hint == f"its weights are {kind}: pass `model.float()`, or cast the inputs in `forward`"
    other = describe_failure(IndexError("too few"), model, "x float32[1, 2]", "the callers hint")
    assert other.hint == "the callers hint"
