"""What a layer adapts to: loaders, map-style datasets, frames, series; labels are never averaged in."""

from __future__ import annotations

import io
import itertools
import pathlib
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from torch.utils.data import DataLoader, Subset, TensorDataset

import headrace as hr
from headrace.errors import HeadraceError, SchemaError, UsageError
from headrace.layers import HashedCrossing, Normalization, StringLookup

X, Y = torch.tensor([[1.0, 10.0], [3.0, 30.0]]), torch.tensor([100.0, 200.0])
OF_X = [[2.0, 20.0], [1.0, 100.0]]


def moments(data: object, **options: Any) -> list:
    return [value.tolist() for value in Normalization(**options).adapt(data).statistics.values()]


def words(data: object) -> list[str]:
    return StringLookup().adapt(data).get_vocabulary(include_special_tokens=False)


class Rows:
    """A map-style dataset: it has `__getitem__` and `__len__`, and never raises an IndexError."""

    def __init__(self, items: list, length: int | None = None) -> None:
        self._items, self._length = items, len(items) if length is None else length

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> object:
        return self._items[index % len(self._items)]


@pytest.mark.parametrize(
    "make",
    [
        lambda: DataLoader(TensorDataset(X, Y), batch_size=2),
        lambda: list(DataLoader(TensorDataset(X, Y))),
        lambda: iter(DataLoader(TensorDataset(X, Y))),
        lambda: DataLoader(TensorDataset(Y, Y)),
        lambda: list(DataLoader(TensorDataset(Y, Y))),
        lambda: TensorDataset(X, Y),
        lambda: Subset(TensorDataset(X, Y), [0]),
        lambda: (Y, Y),
        lambda: ((1.0, 2.0) for _ in range(3)),
        lambda: ({"x": Y, "y": Y} for _ in range(3)),
        lambda: Rows([{"x": 1.0, "y": 2.0}]),
        lambda: DataLoader([("a", 1), ("b", 2)], batch_size=2),  # type: ignore[arg-type]
        lambda: DataLoader([("a", "yes"), ("b", "no")], batch_size=2),  # type: ignore[arg-type]
        lambda: list(DataLoader([("a", "yes"), ("b", "no")], batch_size=2)),  # type: ignore[arg-type]
        lambda: hr.Dataset.from_arrays({"x": Y.numpy(), "y": Y.numpy()}).to_torch(),
        lambda: pd.DataFrame({"x": [1.0], "y": [2.0]}),
        lambda: {"x": [1.0], "y": [2.0]},
    ],
)
def test_a_loader_of_x_and_y_never_averages_the_labels_in(make: Callable[[], object]) -> None:
    with pytest.raises(SchemaError, match=r"expected one column, got (a list of 2|a tuple of 2|x, y)"):
        moments(make(), axis=None)


def test_a_loader_of_inputs() -> None:
    assert moments(DataLoader(TensorDataset(X), batch_size=1)) == OF_X
    assert moments(x for x, _ in DataLoader(TensorDataset(X, Y))) == OF_X
    assert moments(list(DataLoader(TensorDataset(X)))) == OF_X
    assert moments((X,)) == OF_X
    assert moments([{"x": X[0].tolist()}, {"x": X[1].tolist()}], axis=None) == moments(X, axis=None)
    assert moments(hr.Dataset.from_arrays({"x": X.numpy()}).batch(1).to_torch()) == OF_X
    assert moments([np.array([1.0, 10.0]), np.array([3.0, 30.0])]) == OF_X
    assert moments(X.to_sparse()) == OF_X
    assert words(DataLoader(["b", "a", "b"], batch_size=2)) == ["b", "a"]  # type: ignore[arg-type]
    assert words([("b", "a"), ("b",)]) == ["b", "a"]


def test_a_map_style_dataset_ends() -> None:
    assert moments(Rows([1.0, 3.0])) == [2.0, 1.0]
    assert moments(Rows([{"x": 1.0}, {"x": 3.0}])) == [2.0, 1.0]
    assert moments(TensorDataset(X)) == OF_X
    assert moments(Subset(TensorDataset(X), [0, 1])) == OF_X
    assert moments(hr.Dataset.from_arrays({"x": X.numpy()}).to_torch_dataset()) == OF_X
    assert moments(Rows([2.0], 10_000)) == [2.0, 0.0]
    assert words(Rows(["b", "a", "b"])) == ["b", "a"]
    assert words(Rows([["b", "a"], ["b"]])) == ["b", "a"]
    stage = hr.layers.PreprocessingStage([Normalization(), hr.layers.Discretization(num_bins=2)])
    assert stage.adapt(Rows([1.0, 2.0, 30.0, 40.0]))([0.0, 50.0]).tolist() == [0, 1]
    with pytest.raises(
        UsageError, match="expected 9 items, the length of the dataset, got an IndexError at item 2"
    ):
        moments(Short())
    with pytest.raises(UsageError, match=r"got a NoLength; .* a map-style dataset needs __len__"):
        moments(NoLength())


class Short:
    def __len__(self) -> int:
        return 9

    def __getitem__(self, index: int) -> float:
        return [1.0, 2.0][index]


class NoLength:
    def __getitem__(self, index: int) -> float:
        return 1.0


def test_string_lookup_adapts_to_a_frame_of_one_column() -> None:
    frame = pd.DataFrame({"city": ["Oslo", "Rome", "Oslo", None]})
    named = frame.set_index(pd.Index([1, 2, 3, 4], name="id"))
    polars = pl.DataFrame(frame)
    for data in (
        frame[["city"]],
        named,
        frame["city"],
        polars,
        polars["city"],
        pd.Categorical(frame["city"]),
    ):
        assert words(data) == ["Oslo", "Rome"]
    assert words(pd.read_csv(io.StringIO("city\nOslo\nRome\nOslo\n"), chunksize=2)) == ["Oslo", "Rome"]
    assert words([frame["city"], frame["city"]]) == ["Oslo", "Rome"]
    assert words(frame.to_dict("records")) == ["Oslo", "Rome"]
    layer = StringLookup(vocabulary=frame["city"].dropna().unique())
    assert layer.get_vocabulary() == ["[UNK]", "Oslo", "Rome"]
    assert StringLookup(vocabulary=pl.Series(["a"])).get_vocabulary() == ["[UNK]", "a"]
    assert layer(frame["city"]).tolist() == layer(frame).tolist() == [1, 2, 1, 0]
    assert layer(polars["city"]).tolist() == [1, 2, 1, 0]
    assert (
        HashedCrossing(9)(frame.assign(n=1)).tolist() == HashedCrossing(9)((frame["city"], [1] * 4)).tolist()
    )


def test_a_series_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    converted = []
    to_column = hr.layers.adapt_data.to_column  # type: ignore[attr-defined]
    monkeypatch.setattr(
        hr.layers.adapt_data, "to_column", lambda data: converted.append(1) or to_column(data)
    )  # type: ignore[attr-defined]
    Normalization().adapt(pd.Series(np.arange(8_000.0)))
    assert len(converted) <= 2
    StringLookup().adapt(itertools.repeat("a", 8_000))
    assert len(converted) <= 8


def test_values_that_come_one_by_one() -> None:
    assert words(word for word in ["b", "a", "b"]) == ["b", "a"]
    assert words({"a"}) == words({"k": "a"}.values()) == ["a"]
    assert moments(deque([1.0, 3.0])) == moments(iter([1.0, 3.0])) == [2.0, 1.0]
    assert moments(range(1, 4, 2)) == [2.0, 1.0]
    assert moments(torch.tensor(value) for value in (1.0, 3.0)) == [2.0, 1.0]


@pytest.mark.parametrize(
    "data", ["abc", b"abc", pathlib.Path("words.txt"), 5.0, None, np.array(5.0), object()]
)
def test_what_is_not_data_is_refused(data: object) -> None:
    with pytest.raises(HeadraceError, match=r"expected (data|rows) to adapt to, got"):
        StringLookup().adapt(data)


def test_arrays_of_another_byte_order_are_their_values() -> None:
    for dtype in (">f8", ">f4", ">i4", ">u2"):
        native, swapped = np.array([1, 2, 4], dtype[1:]), np.array([1, 2, 4], dtype)
        expected = Normalization().adapt(native)(native)
        found = Normalization().adapt(swapped)(swapped)
        assert found.dtype == expected.dtype
        assert np.array_equal(found, expected)
