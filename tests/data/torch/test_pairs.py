"""Batches and rows as pairs of inputs and label."""

import pickle

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader

import headrace as hr
from headrace.data import Dataset
from headrace.errors import SchemaError, UsageError


@pytest.fixture
def ds() -> Dataset:
    return Dataset.from_arrays({"x": np.arange(6.0), "y": np.arange(6), "z": np.arange(6) * 10})


def test_batches_are_pairs_of_inputs_and_label(ds: Dataset) -> None:
    ((inputs, label),) = list(ds.as_supervised("y").batch(6).to_torch())
    assert {name: each.tolist() for name, each in inputs.items()} == {
        "x": [0.0, 1.0, 2.0, 3.0, 4.0, 5.0],
        "z": [0, 10, 20, 30, 40, 50],
    }
    assert label.tolist() == [0, 1, 2, 3, 4, 5]


def test_one_input_is_its_tensor_and_stages_keep_the_label(ds: Dataset) -> None:
    pairs = ds.as_supervised("y").select(["y", "x"]).shuffle(seed=0).batch(4).epoch(1).prefetch()
    for x, y in pairs.to_torch():
        assert torch.equal(x, y.float())
    train, test = pairs.split(0.5, 0.5)
    assert train.label == test.label == "y"
    assert isinstance(next(iter(pairs.as_supervised(None).to_torch())), dict)


def test_loaders_take_pairs(ds: Dataset) -> None:
    pairs = ds.select(["x", "y"]).as_supervised("y")
    x, y = next(iter(DataLoader(pairs.to_torch_dataset(), batch_size=3)))
    assert (x.tolist(), y.tolist()) == ([0.0, 1.0, 2.0], [0, 1, 2])
    loader = DataLoader(pickle.loads(pickle.dumps(pairs)).batch(3).to_torch(), batch_size=None)
    assert [y.tolist() for _, y in loader] == [[0, 1, 2], [3, 4, 5]]


def test_a_label_that_does_not_exist_is_named(ds: Dataset) -> None:
    with pytest.raises(SchemaError, match="'yy': the dataset lacks this column; did you mean 'y'"):
        next(iter(ds.as_supervised("yy").to_torch()))
    with pytest.raises(SchemaError, match="'y': the only column is the label"):
        next(iter(ds.select("y").as_supervised("y").to_torch()))
    with pytest.raises(UsageError, match="label"):
        ds.as_supervised(3)  # type: ignore[arg-type]


def test_training_takes_such_data_too(tmp_path) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 4)).astype(np.float32)
    ds = Dataset.from_arrays({"x": x, "y": x.sum(axis=1)}).as_supervised("y")
    model = nn.Sequential(nn.Linear(4, 1))
    result = hr.training.fit(model, ds, ds, label="y", out_dir=tmp_path, epochs=1, progress=False)
    assert len(result.history) == 1
