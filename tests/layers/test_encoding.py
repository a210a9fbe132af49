"""Layers of indices: vectors of them, and bins of strings and whole numbers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import nn

import headrace as hr
from headrace.errors import SchemaError, TraceError, UsageError
from headrace.layers import CategoryEncoding, Discretization, HashedCrossing, Hashing, Rescaling


def test_one_hot_is_a_vector_for_each_index() -> None:
    layer = CategoryEncoding(3, output_mode="one_hot")
    assert layer([2, 0]).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert layer([[2], [0]]).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert layer([[2, 0]]).tolist() == [[[0, 0, 1], [1, 0, 0]]]
    assert layer([-1, 3]).tolist() == [[0, 0, 0]] * 2


def test_multi_hot_and_count_are_a_vector_for_each_row() -> None:
    rows = [[0, 1, 1], [2, 9, -1]]
    assert CategoryEncoding(3)(rows).tolist() == [[1, 1, 0], [0, 0, 1]]
    assert CategoryEncoding(3, "count")(rows).tolist() == [[1, 2, 0], [0, 0, 1]]
    assert CategoryEncoding(3, "count")([[], [1, 1]]).tolist() == [[0, 0, 0], [0, 2, 0]]
    assert CategoryEncoding(3)([1, 2]).tolist() == [[0, 1, 0], [0, 0, 1]]


def test_counts_take_weights() -> None:
    layer = CategoryEncoding(4, output_mode="count")
    weights = [[0.1, 0.2], [0.1, 0.1], [0.2, 0.3], [0.4, 0.2]]
    expected = [[0.1, 0.2, 0, 0], [0.2, 0, 0, 0], [0, 0.2, 0.3, 0], [0, 0.2, 0, 0.4]]
    rows = [[0, 1], [0, 0], [1, 2], [3, 1]]
    np.testing.assert_allclose(layer(rows, count_weights=weights), expected, rtol=1e-6)
    assert layer([[1], [1, 1]], count_weights=[[2.0], [0.5, 0.25]]).tolist() == [
        [0, 2, 0, 0],
        [0, 0.75, 0, 0],
    ]
    with pytest.raises(UsageError, match='mode multi_hot; choose mode "count"'):
        CategoryEncoding(4)(rows, count_weights=weights)
    with pytest.raises(SchemaError, match="lists of weights and lists of values differ in length"):
        layer([[1], []], count_weights=[[], [1.0]])


def test_in_a_torch_model() -> None:
    model = nn.Sequential(CategoryEncoding(3, output_mode="one_hot"), nn.Linear(3, 2))
    assert model(torch.tensor([0, 2])).shape == (2, 2)
    counted = CategoryEncoding(3, output_mode="count")(torch.tensor([[0, 0], [2, 1]]))
    assert isinstance(counted, torch.Tensor)
    assert counted.tolist() == [[2, 0, 0], [0, 1, 1]]


@pytest.mark.parametrize("salt", [None, 7, (7, 9)])
def test_bins_are_spread_evenly_by_another_function_for_each_salt(salt: int | tuple[int, int] | None) -> None:
    words = [f"word {i}" for i in range(3000)]
    bins = Hashing(3, salt=salt)(words)
    np.testing.assert_allclose(np.bincount(bins, minlength=3) / 1000, 1, atol=0.1)
    other = Hashing(3, salt=1)(words)
    np.testing.assert_allclose(np.mean(bins == other), 1 / 3, atol=0.05)


def test_numbers_are_hashed_as_decimals() -> None:
    layer = Hashing(1000)
    decimals = layer(["7", "-12", "0"]).tolist()
    assert layer([7, -12, 0]).tolist() == layer([7.9, -12.5, -0.1]).tolist() == decimals
    assert layer(np.array([[7, -12, 0]])).tolist() == [decimals]
    assert layer([[7], [-12, 0]]) == [decimals[:1], decimals[1:]]


def test_the_mask_has_a_bin_of_its_own() -> None:
    bins = Hashing(3, mask_value="")(["", *map(str, range(100))])
    assert (bins[0], set(bins[1:].tolist())) == (0, {1, 2})
    assert Hashing(3, mask_value=-1)([-1, 5]).tolist()[0] == 0
    assert Hashing(1, mask_value="")(["", "a"]).tolist() == [0, 0]
    with pytest.raises(TraceError, match="mask_value '' for int64"):
        Hashing(3, mask_value="")([1, 2])


def test_bins_as_vectors() -> None:
    rows = [["a", "b"], ["b", "b"]]
    a, b = Hashing(5)(["a", "b"]).tolist()
    assert Hashing(5, output_mode="count")(rows)[1].tolist() == [2 if i == b else 0 for i in range(5)]
    assert Hashing(5, output_mode="one_hot")(["a"]).argmax() == a
    assert Discretization([0.0], output_mode="count")([[-1.0, 1.0, 2.0]]).tolist() == [[1, 2]]
    assert Discretization([0.0], output_mode="multi_hot")([[1.0, 2.0]]).tolist() == [[0, 1]]


def test_a_cross_tells_combinations_apart() -> None:
    cities, years = ["Oslo", "Oslo", "Rome", "Rome"], [1, 2, 1, 1]
    bins = HashedCrossing(10_000)((cities, years)).tolist()
    assert len(set(bins)) == 3
    assert bins[2] == bins[3]
    assert HashedCrossing(5, output_mode="one_hot")((cities, years)).shape == (4, 5)
    column = np.array([[1], [2]])
    assert HashedCrossing(9)((column, column)).shape == (2, 1)
    assert HashedCrossing(9, "one_hot")((column, column)).shape == (2, 9)
    with pytest.raises(UsageError, match="a tuple of columns"):
        HashedCrossing(9)(column)


def test_on_a_dataset() -> None:
    ds = hr.Dataset.from_arrays({"city": ["Oslo", "Rome"], "year": np.array([1, 2])})
    crossed = ds.map(HashedCrossing(9).on("city", "year", to="cross"))
    assert crossed.schema.names == ["city", "year", "cross"]
    (batch,) = crossed
    assert batch["cross"].to_pylist() == HashedCrossing(9)((["Oslo", "Rome"], [1, 2])).tolist()
    (batch,) = ds.map(Rescaling(2.0).on("year"))
    assert batch.to_pydict() == {"city": ["Oslo", "Rome"], "year": [2.0, 4.0]}
    (batch,) = Rescaling(2.0)(ds.map(lambda batch: batch.select(["year"])))
    assert batch.to_pydict() == {"year": [2.0, 4.0]}
    assert Rescaling(2.0)(pa.record_batch({"a": [1]})).to_pydict() == {"a": [2.0]}
    with pytest.raises(SchemaError, match=r"one column, and there are city, year; .* layer.on\('name'\)"):
        next(iter(Rescaling(2.0)(ds)))
    with pytest.raises(SchemaError, match="'town': the batch has no such column; it has city, year"):
        next(iter(ds.map(Hashing(3).on("town"))))


@pytest.mark.parametrize(
    "make",
    [
        lambda: CategoryEncoding(0),
        lambda: CategoryEncoding(2, output_mode="int"),
        lambda: Hashing(0),
        lambda: Hashing(2, salt=(1, 2, 3)),  # pyright: ignore[reportArgumentType]
        lambda: Hashing(2, output_mode="tf_idf"),
        lambda: HashedCrossing(2, output_mode="count"),
        lambda: HashedCrossing(0),
    ],
)
def test_arguments_out_of_range(make) -> None:
    with pytest.raises(UsageError):
        make()
