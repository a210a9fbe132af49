"""Cost of layers of sequences and of unusual convolutions, against sums by hand."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from headrace.errors import ModelError
from headrace.vision import cost

STEPS, INPUTS, UNITS, WIDTH = 7, 5, 11, 8


class Sequence(nn.Module):
    """Returns the first result of a layer."""

    def __init__(self, layer: nn.Module, *, is_attention: bool = False, transposes: bool = False) -> None:
        super().__init__()
        self.layer, self.is_attention, self.transposes = layer, is_attention, transposes

    def forward(self, x: Tensor) -> Tensor:
        x = x.transpose(0, 1) if self.transposes else x
        found = self.layer(x, x, x)[0] if self.is_attention else self.layer(x)[0]
        return found.transpose(0, 1) if self.transposes else found


class Products(nn.Module):
    """Attends without weights."""

    def forward(self, x: Tensor) -> Tensor:
        return scaled_dot_product_attention(x, x, x)


def recurrent(kind: Any, **options: Any) -> nn.Module:
    return Sequence(kind(INPUTS, UNITS, batch_first=True, **options))


def attention(*, batch_first: bool) -> nn.Module:
    layer = nn.MultiheadAttention(WIDTH, 2, batch_first=batch_first)
    return Sequence(layer, is_attention=True, transposes=not batch_first)


def count(gates: int, outputs: int = UNITS, inputs: int = INPUTS) -> tuple[int, int]:
    """Count the parameters of one layer in one direction, and its multiply-accumulates."""
    return gates * UNITS * (inputs + outputs + 2), STEPS * gates * UNITS * (inputs + outputs)


TWO_LAYERS = [
    2 * (first + second) for first, second in zip(count(4), count(4, inputs=2 * UNITS), strict=True)
]
ATTENTION = (4 * WIDTH * WIDTH + 4 * WIDTH, 4 * STEPS * WIDTH * WIDTH + 2 * STEPS * STEPS * WIDTH)


@pytest.mark.parametrize(
    ("model", "shape", "expected"),
    [
        (recurrent(nn.LSTM), (STEPS, INPUTS), count(4)),
        (recurrent(nn.GRU), (STEPS, INPUTS), count(3)),
        (recurrent(nn.RNN), (STEPS, INPUTS), count(1)),
        (recurrent(nn.LSTM, num_layers=2, bidirectional=True), (STEPS, INPUTS), tuple(TWO_LAYERS)),
        (Sequence(nn.LSTM(INPUTS, UNITS), transposes=True), (STEPS, INPUTS), count(4)),
        (attention(batch_first=True), (STEPS, WIDTH), ATTENTION),
        (attention(batch_first=False), (STEPS, WIDTH), ATTENTION),
        (Products(), (2, STEPS, WIDTH), (0, 2 * 2 * STEPS * STEPS * WIDTH)),
        (nn.Conv2d(8, 16, 3, padding=1, groups=4), (8, 10, 10), (304, 16 * 2 * 9 * 100)),
        (nn.Conv2d(8, 8, 3, padding=1, groups=8), (8, 10, 10), (80, 8 * 9 * 100)),
        (nn.Conv2d(3, 4, 3, dilation=2), (3, 10, 10), (112, 4 * 27 * 36)),
        (nn.ConvTranspose2d(3, 4, 2, stride=2), (3, 10, 10), (52, 3 * 4 * 4 * 100)),
        (nn.ConvTranspose2d(4, 8, 3, stride=2, groups=2), (4, 10, 10), (152, 4 * 4 * 9 * 100)),
    ],
)  # fmt: skip
def test_counts_are_those_of_the_sums_by_hand(model: nn.Module, shape: Any, expected: Any) -> None:
    found = cost(model, shape)
    assert (found.parameters, found.macs) == expected


@pytest.mark.parametrize(
    ("model", "shape", "hint"),
    [
        (nn.LSTM(INPUTS, UNITS), (STEPS, INPUTS), "pass batch_first=True to LSTM"),
        (Sequence(nn.GRU(INPUTS, UNITS)), (STEPS, INPUTS), r"pass batch_first=True to GRU \(layer\)"),
        (
            nn.TransformerEncoderLayer(WIDTH, 2, 16),
            (STEPS, WIDTH),
            "pass batch_first=True to MultiheadAttention",
        ),
    ],
)
def test_layers_that_take_the_steps_first_are_named(model: nn.Module, shape: Any, hint: str) -> None:
    with pytest.raises(ModelError, match=hint):
        cost(model, shape)


class Similarities(nn.Module):
    """Compares each instance with all others."""

    def forward(self, x: Tensor) -> Tensor:
        return x @ x.T


def test_instances_that_are_computed_from_each_other_have_no_cost() -> None:
    with pytest.raises(ModelError, match="grow faster than the batch"):
        cost(Similarities(), (5,))


def test_a_scripted_module_is_refused() -> None:
    with pytest.raises(ModelError, match=r"cannot trace a scripted module; pass the model before"):
        cost(torch.jit.script(nn.Linear(4, 4)), (4,))
