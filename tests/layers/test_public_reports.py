"""Situations from public reports about Keras's layers and scikit-learn's: right values here, or one line."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from headrace.errors import HeadraceError
from headrace.layers import (
    Discretization,
    Hashing,
    IntegerLookup,
    Normalization,
    StringLookup,
    TextVectorization,
)

Check = Callable[[], tuple[Any, Any]]


def adapted(layer: Any, data: Any) -> Any:
    return layer.adapt(data)


def objects(*values: Any) -> np.ndarray:
    return np.array(values, dtype=object)


VALUES: dict[str, Check] = {
    "keras#19036": lambda: (
        adapted(TextVectorization(max_tokens=32), ["all is gold", "not all"])("all is gold"),
        [[2, 4, 3]],
    ),
    "tensorflow#47954": lambda: (
        TextVectorization(output_sequence_length=3, vocabulary=["a", "b"])("a b"),
        [[2, 3, 0]],
    ),
    "tensorflow#44069": lambda: (
        adapted(TextVectorization(max_tokens=3), ["a", "b", "c"])(["a b c d e"]),
        [[2, 1, 1, 1, 1]],
    ),
    "keras#20624": lambda: (
        Normalization(mean=1.0, variance=4.0)(np.full((1, 2, 2, 3), 5.0)),
        np.full((1, 2, 2, 3), 2.0),
    ),
    "keras#20971": lambda: (
        adapted(Discretization(num_bins=10), np.array([1.0, 1.0, 2.0]))(np.array([0.0, 1.0, 1.5, 2.0, 3.0])),
        [0, 6, 6, 9, 9],
    ),
    "keras#22325": lambda: (
        IntegerLookup(vocabulary=[10], num_oov_indices=3)(np.array([0, 1, 2, 10])),
        [0, 1, 2, 3],
    ),
    "keras#19770": lambda: (
        StringLookup(vocabulary=np.array(["a", "b"]), mask_token="[MASK]")([["a", "z"], ["[MASK]", "b"]]),  # pyright: ignore[reportArgumentType]
        [[2, 1], [0, 3]],
    ),
    "keras#21564": lambda: (
        IntegerLookup(vocabulary=[1, 2], output_mode="one_hot")(np.array([[1, 2], [2, 9]])),
        [[[0, 1, 0], [0, 0, 1]], [[0, 0, 1], [1, 0, 0]]],
    ),
    "tensorflow#57018": lambda: (
        StringLookup(vocabulary=["ab\0", "\0ab", "a\0b", "ab"])(["ab", "ab\0", "\0ab"]),
        [4, 1, 2],
    ),
    "keras-io#1946": lambda: (StringLookup(vocabulary=["a", "b"], num_oov_indices=0)(["a", " b"]), [0, -1]),
    "keras#15061": lambda: (Hashing(num_bins=100)(["a", "b"]), Hashing(num_bins=100)(["a", "b"])),
    "scikit-learn#15726": lambda: (
        adapted(StringLookup(), objects("mse", "mae"))(np.array(["mae", "mse", "ma", "maelstrom"])),
        [1, 2, 0, 0],
    ),
    "scikit-learn#12018": lambda: (
        adapted(StringLookup(), objects("a", "b"))(objects("a", "d", np.nan)),
        [1, 0, 0],
    ),
    "scikit-learn#17317": lambda: (
        adapted(StringLookup(), objects("a", "c", "c", None, np.nan))(["c", "a"]),
        [1, 2],
    ),
}
ERRORS: dict[str, tuple[Callable[[], Any], str]] = {
    "keras3#1094": (lambda: TextVectorization(output_mode="tfidf"), "did you mean 'tf_idf'"),
    "tensorflow#44069": (
        lambda: TextVectorization(max_tokens=3, vocabulary=["a", "b", "c"]),
        "3 tokens and 2 special tokens exceed max_tokens 3",
    ),
    "keras#20971": (lambda: Discretization(num_bins=2)([1.0]), "is not adapted"),
    "scikit-learn#11379": (lambda: StringLookup().adapt([["a"], ["b"], [1]]), "record 2: "),
    "unsigned": (
        lambda: IntegerLookup(vocabulary=[1])(np.array([2**64 - 1], np.uint64)),
        "expects integers within int64, got uint64",
    ),
}


@pytest.mark.parametrize("report", VALUES)
def test_layers_have_the_right_values(report: str) -> None:
    found, expected = VALUES[report]()
    np.testing.assert_array_equal(np.asarray(found), np.asarray(expected))


@pytest.mark.parametrize("report", ERRORS)
def test_what_a_layer_cannot_do_is_one_line(report: str) -> None:
    call, expected = ERRORS[report]
    with pytest.raises(HeadraceError) as caught:
        call()
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_keras_20971_a_layer_of_fewer_bins_than_asked_for_is_saved_and_loaded() -> None:
    layer = Discretization(num_bins=10)
    assert not layer.statistics
    layer.adapt(np.array([1.0, 1.0, 2.0]))
    other = Discretization(num_bins=10)
    other.load_state_dict(layer.state_dict())
    data = torch.tensor([0.0, 1.0, 1.5, 2.0, 3.0])
    assert torch.equal(layer(data), other(data))
