"""Checks of arguments: the value that a function goes on with, or one line that names the argument."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from headrace.arguments import check_choice, check_flag, check_integer, check_number
from headrace.errors import UsageError


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3), np.array(3), torch.tensor(3)])
def test_numpy_s_integers_are_integers(value: Any) -> None:
    found = check_integer(value, "seed")
    assert (found, type(found)) == (3, int)


@pytest.mark.parametrize(
    "value", [True, np.True_, 3.0, np.float64(3), "3", None, [3], np.array([3]), Decimal(3)]
)
def test_other_types_are_not_integers(value: Any) -> None:
    with pytest.raises(UsageError, match="seed: expected an integer, got"):
        check_integer(value, "seed")


@pytest.mark.parametrize("value", [True, np.True_, "1", None, float("nan"), float("inf"), [1.0], 10**400, 1j])
def test_other_types_are_not_numbers(value: Any) -> None:
    with pytest.raises(UsageError, match="rate: expected a number, got"):
        check_number(value, "rate")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_bounds_of_numbers(value: float) -> None:
    if 0 <= value <= 1:
        assert check_number(value, "rate", least=0, most=1) == value
    else:
        with pytest.raises(UsageError, match="rate: expected a number of at least 0 and of at most 1, got"):
            check_number(value, "rate", least=0, most=1)


def test_choices() -> None:
    assert check_choice("training", "mode", ("training", "inference")) == "training"
    with pytest.raises(
        UsageError, match="mode: expected one of 'training', 'inference', got 'train'; did you mean"
    ):
        check_choice("train", "mode", ("training", "inference"))
    with pytest.raises(UsageError, match="'training', 'inference', got None; pass one of these"):
        check_choice(None, "mode", ("training", "inference"))


@pytest.mark.parametrize("value", [0, 1, "False", None])
def test_flags_are_booleans(value: Any) -> None:
    with pytest.raises(UsageError, match="shuffle: expected True or False, got"):
        check_flag(value, "shuffle")
