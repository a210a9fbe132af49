import warnings
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
import torch

from headrace.columns import Ragged, from_arrow, holds_strings, to_arrow
from headrace.data import Dataset
from headrace.data.torch import Placement, to_tensors
from headrace.data.torch.tensors import Converter
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


@pytest.mark.parametrize("dtype", ["float64", "float32", "uint8", "bool"])
def test_large_columns_are_copied_too(dtype):
    array = (np.arange(4 << 18).reshape(4, -1) % 2).astype(dtype)
    ds = Dataset.from_arrays({"x": array})
    for _ in range(2):  # the second time into the memory of the first
        (batch,) = ds.to_torch()
        assert batch["x"].dtype == (torch.float32 if dtype == "float64" else getattr(torch, dtype))
        np.testing.assert_array_equal(batch["x"].numpy(), array)
        batch["x"].zero_()


def test_missing_floats_are_nan():
    (batch,) = Dataset.from_arrays({"x": [1.0, None]}).to_torch()
    assert batch["x"].isnan().tolist() == [False, True]


@pytest.mark.parametrize("column", [["a", "b", "", "d"], [["a"], [], ["b", "c"]]])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_strings_are_columns_of_strings(column, size):
    batches = list(Dataset.from_arrays({"word": column}).batch(size).to_torch())
    assert [read_strings(batch["word"]) for batch in batches] == [
        column[start : start + size] for start in range(0, len(column), size)
    ]


def read_strings(found):
    assert holds_strings(found)
    if not isinstance(found, Ragged):
        return list(found.to("cpu"))
    return [found.values[start:end].tolist() for start, end in pairwise(found.row_splits.tolist())]


def test_bytes_are_refused_with_a_hint():
    with pytest.raises(SchemaError, match=r"feature 'photo': bytes cannot .*; decode images first"):
        list(Dataset.from_arrays({"photo": [b"a"]}).to_torch())


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


COLUMNS = {
    "number": pa.array(range(60), pa.int16()),
    "double": pa.array(np.arange(60) / 7),
    "maybe": pa.array([None if k % 7 == 0 else k / 3 for k in range(60)], pa.float32()),
    "flag": pa.array([k % 3 == 0 for k in range(60)]),
    "pair": pa.array([[k, -k] for k in range(60)], pa.list_(pa.float64(), 2)),
    "flags": pa.array([[k % 2 == 0, True] for k in range(60)], pa.list_(pa.bool_(), 2)),
    "gaps": pa.array([[k, None] for k in range(60)], pa.list_(pa.float32(), 2)),
    "image": to_arrow(np.arange(360, dtype=np.uint8).reshape(60, 3, 2)),
    "ragged": pa.array([list(range(k % 4)) for k in range(60)], pa.list_(pa.int32())),
    "maybe_ragged": pa.array([[k] * (k % 3) if k % 5 else None for k in range(60)], pa.list_(pa.int64())),
    "large_ragged": pa.array([[float(k)] * (k % 3) for k in range(60)], pa.large_list(pa.float64())),
    "ragged_gaps": pa.array([[None, float(k)] for k in range(60)], pa.list_(pa.float64())),
    "ragged_flags": pa.array([[k % 2 == 0] * (k % 3) for k in range(60)], pa.list_(pa.bool_())),
}


def flatten(value) -> list[np.ndarray]:
    """The arrays of a dense or ragged column, float64 as float32, as in tensors."""
    parts = value if isinstance(value, Ragged) else [value]
    arrays = [np.asarray(part) for part in parts]
    return [array.astype(np.float32) if array.dtype == np.float64 else array for array in arrays]


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize(("start", "rows"), [(0, 60), (7, 20), (59, 1), (12, 0)])
def test_every_column_type_has_the_values_of_its_slice(name, start, rows):
    batch = pa.record_batch({name: COLUMNS[name]}).slice(3).slice(start, rows)
    expected = flatten(from_arrow(batch[name]))
    converter = Converter(batch.schema, Placement())
    results = [converter.convert(batch)[name]]
    if batch.num_rows:
        results += [tensors[name] for tensors in converter.convert_slices(batch, batch.num_rows)]
    for result in results:
        for array, wanted in zip(flatten(result), expected, strict=True):
            assert array.dtype == wanted.dtype
            np.testing.assert_array_equal(array, wanted)


@pytest.mark.parametrize("name", COLUMNS)
def test_slices_converted_at_once_equal_slices_converted_one_by_one(name):
    batch = pa.record_batch({name: COLUMNS[name]}).slice(6, 50)
    converter = Converter(batch.schema, Placement())
    at_once = [tensors[name] for tensors in converter.convert_slices(batch, 10)]
    one_by_one = [converter.convert(batch.slice(start, 10))[name] for start in range(0, 50, 10)]
    for many, one in zip(at_once, one_by_one, strict=True):
        for array, wanted in zip(flatten(many), flatten(one), strict=True):
            assert array.dtype == wanted.dtype
            np.testing.assert_array_equal(array, wanted)


def test_writing_to_a_slice_changes_no_other_slice_and_no_arrow_memory():
    batch = pa.record_batch({"x": np.arange(40, dtype=np.float32)})
    first, second = Converter(batch.schema, Placement()).convert_slices(batch, 20)
    second["x"].requires_grad_()
    loss = (second["x"] ** 2).sum()
    first["x"].zero_()
    loss.backward()  # autograd saved the second slice, whose version has not changed
    assert second["x"].tolist() == list(range(20, 40))
    assert batch["x"].to_pylist() == list(range(40))


NUMBERS = ["int8", "uint16", "int64", "float16", "float32", "float64"]


@pytest.mark.parametrize("missing", [False, True], ids=["complete", "missing"])
@pytest.mark.parametrize("size", [1, 10, 50])
def test_columns_that_are_read_together_equal_columns_read_alone(missing, size):
    columns = {
        f"{name}{number}": pa.array(np.arange(number, number + 60).astype(name), mask=mask)
        for number in range(5)
        for name in NUMBERS
        for mask in [np.arange(60) % 7 == number if missing and name in ("float32", "float64") else None]
    }
    batch = pa.record_batch(columns).slice(6, 50)
    slices = Converter(batch.schema, Placement()).convert_slices(batch, size)
    for start, many in zip(range(0, 50, size), slices, strict=True):
        together = to_tensors(batch.slice(start, size))
        assert list(many) == list(together) == list(columns)
        for name, tensor in together.items():
            (alone,) = to_tensors(batch.slice(start, size).select([name])).values()
            for found in (tensor, many[name]):
                assert found.dtype == alone.dtype
                np.testing.assert_array_equal(found.numpy(), alone.numpy())


@pytest.mark.parametrize("name", ["int32", "float16"])
def test_missing_numbers_are_found_in_columns_that_are_read_together(name):
    columns = {f"x{number}": pa.array(np.arange(3).astype(name)) for number in range(5)}
    columns["gap"] = pa.array(np.arange(3).astype(name), mask=np.array([False, True, False]))
    alone = pa.record_batch({"gap": columns["gap"]})
    if name == "float16":
        assert to_tensors(pa.record_batch(columns))["gap"].isnan().tolist() == [False, True, False]
        return
    with pytest.raises(SchemaError) as expected:
        to_tensors(alone)
    with pytest.raises(SchemaError) as error:
        to_tensors(pa.record_batch(columns))
    assert str(error.value) == str(expected.value)


def test_writing_to_a_column_changes_no_other_column():
    batch = pa.record_batch({f"x{number}": np.arange(4, dtype=np.float32) for number in range(6)})
    tensors = to_tensors(batch)
    tensors["x1"].requires_grad_()
    loss = (tensors["x1"] ** 2).sum()
    tensors["x0"].zero_()
    loss.backward()
    assert tensors["x1"].tolist() == tensors["x2"].tolist() == batch["x0"].to_pylist()


def test_a_column_of_a_large_batch_keeps_no_other_column_in_memory():
    batch = pa.record_batch({f"x{number}": np.zeros(1 << 17, np.float32) for number in range(4)})
    assert to_tensors(batch)["x0"].untyped_storage().nbytes() == 4 << 17


def test_few_tensors_are_made_at_a_time():
    ds = Dataset.from_arrays({f"x{number}": np.zeros(64, np.float32) for number in range(600)})
    first, second = ds.batch(32).to_torch()
    assert first["x0"].untyped_storage().data_ptr() != second["x0"].untyped_storage().data_ptr()


def test_a_negative_offset_is_refused():
    memory = np.array([0, 1, 2, 5], np.int32)
    buffers = [None, pa.py_buffer(memory)]
    lists = pa.Array.from_buffers(pa.list_(pa.int64()), 3, buffers, children=[pa.array(range(5))])
    batch = pa.record_batch({"x": lists})
    memory[0] = -4  # after the checks of Arrow
    with pytest.raises(SchemaError, match="'x': an offset of lists is negative"):
        to_tensors(batch)
