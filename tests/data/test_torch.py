import warnings

import numpy as np
import pyarrow as pa
import pytest
import torch

from headrace.columns import Ragged
from headrace.data import Dataset
from headrace.data.torch import to_tensors
from headrace.errors import SchemaError


@pytest.mark.parametrize(
    ("dtype", "tensor_dtype"),
    [
        (np.float64, torch.float32),
        (np.float32, torch.float32),
        (np.float16, torch.float16),
        (np.int64, torch.int64),
        (np.int32, torch.int32),
        (np.uint8, torch.uint8),
        (np.bool_, torch.bool),
    ],
)
@pytest.mark.parametrize("shape", [(5,), (5, 3), (5, 3, 2)])
def test_dense_columns_keep_shape_and_values(dtype, tensor_dtype, shape):
    array = (np.arange(np.prod(shape)).reshape(shape) % 2).astype(dtype)
    (batch,) = Dataset.from_arrays({"x": array}).to_torch()
    assert batch["x"].dtype == tensor_dtype
    np.testing.assert_array_equal(batch["x"].numpy(), array.astype(batch["x"].numpy().dtype))


def test_a_ragged_column_becomes_ragged_tensors():
    (batch,) = Dataset.from_arrays({"x": [[1.5], [], [2.5, 3.5]]}).to_torch()
    assert isinstance(batch["x"], Ragged)
    assert batch["x"].values.tolist() == [1.5, 2.5, 3.5]
    assert batch["x"].values.dtype == torch.float32
    assert batch["x"].row_splits.tolist() == [0, 1, 1, 3]
    assert batch["x"].row_splits.dtype == torch.int64


def test_tensors_are_writable_copies():
    array = np.arange(4)
    ds = Dataset.from_arrays({"x": array})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (batch,) = ds.to_torch()
    batch["x"] += 1
    assert next(iter(ds))["x"].to_pylist() == [0, 1, 2, 3]
    assert array.tolist() == [0, 1, 2, 3]


def test_missing_floats_are_nan():
    (batch,) = Dataset.from_arrays({"x": [1.0, None]}).to_torch()
    assert batch["x"].isnan().tolist() == [False, True]


@pytest.mark.parametrize("column", [["a", "b"], [["a"], []]])
def test_strings_are_refused_with_a_hint(column):
    with pytest.raises(SchemaError, match=r"feature 'word': .*look them up in a vocabulary first"):
        list(Dataset.from_arrays({"word": column}).to_torch())


def test_a_device_can_be_chosen():
    tensors = to_tensors(pa.record_batch({"x": [1.0, 2.0]}), "meta")
    assert tensors["x"].device.type == "meta"


def test_a_pass_in_tensors_can_be_resumed(numbered):
    batches = numbered.map(lambda batch: batch.select(["row"])).shuffle(1).batch(10).to_torch()
    running = iter(batches)
    next(running)
    resumed = iter(batches)
    resumed.load_state_dict(running.state_dict())
    assert [b["row"].tolist() for b in resumed] == [b["row"].tolist() for b in running]
