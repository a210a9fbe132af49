"""Arrays whose buffers are too small never let the kernel read outside them."""

import numpy as np
import pyarrow as pa
import pytest

from headrace._native import RowChunks


def chunks(batch, sizes):
    return RowChunks(batch.schema.__arrow_c_schema__(), [(batch.__arrow_c_array__()[1], sizes)])


def sizes_of(column):
    return [0 if buffer is None else buffer.size for buffer in column.buffers()]


COLUMNS = [
    pa.array([1, None, 3]),
    pa.array([True, False, None]),
    pa.array(["a", "bc", None]),
    pa.array([[1], None, [2, 3]]),
    pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int32(), 2)),
    pa.array([{"a": 1, "b": "x"}, None, {"a": 2, "b": "y"}]),
]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: str(column.type))
def test_a_buffer_that_is_too_small_is_refused(column):
    batch = pa.record_batch({"x": column})
    sizes = sizes_of(column)
    rows = np.array([2, 0, 1])

    def take(sizes):
        return chunks(batch, [sizes]).take(rows, pa.RecordBatch._import_from_c, batch.schema)

    assert take(sizes)["x"].to_pylist() == column.take(pa.array(rows)).to_pylist()
    for place, size in enumerate(sizes):
        if size:
            with pytest.raises(ValueError, match=r"expected (a buffer of at least|ascending offsets)"):
                take([*sizes[:place], 0, *sizes[place + 1 :]])
    with pytest.raises(ValueError, match="expected more buffers"):
        take(sizes[:-1])
    with pytest.raises(ValueError, match="expected fewer buffers"):
        take([*sizes, 0])


def test_a_child_that_is_too_short_is_refused():
    batch = pa.record_batch({"x": pa.array([[1, 2], [3, 4]], pa.list_(pa.int8(), 2))})
    schema = pa.schema([("x", pa.list_(pa.int8(), 4))])
    with pytest.raises(ValueError, match="expected a child of at least 8 rows, got 4"):
        RowChunks(schema.__arrow_c_schema__(), [(batch.__arrow_c_array__()[1], [sizes_of(batch["x"])])])


def test_an_array_of_another_type_is_refused():
    batch, other = pa.record_batch({"x": [[1]]}), pa.record_batch({"x": [1]})
    with pytest.raises(ValueError, match="expected another type"):
        RowChunks(batch.schema.__arrow_c_schema__(), [(other.__arrow_c_array__()[1], [[0, 8]])])
    with pytest.raises(ValueError, match="expected a record batch of 1 columns"):
        RowChunks(batch.schema.__arrow_c_schema__(), [(other.__arrow_c_array__()[1], [])])


def test_a_capsule_of_another_name_is_refused():
    batch = pa.record_batch({"x": [1]})
    schema, array = batch.__arrow_c_array__()
    with pytest.raises(ValueError, match="PyCapsule"):
        RowChunks(array, [])
    with pytest.raises(ValueError, match="PyCapsule"):
        RowChunks(schema, [(schema, [[0, 8]])])


def test_an_array_is_consumed_once():
    batch = pa.record_batch({"x": [1]})
    schema, array = batch.__arrow_c_array__()
    RowChunks(schema, [(array, [[0, 8]])])
    with pytest.raises(ValueError, match="the array is released"):
        RowChunks(schema, [(array, [[0, 8]])])


def test_unsupported_columns_are_left_out():
    batch = pa.record_batch({"x": [1, 2], "y": pa.array(["a", "b"]).dictionary_encode()})
    held = chunks(batch, [sizes_of(column) for column in batch.columns])
    assert held.supported == [True, False]
    taken = held.take(np.array([1]), pa.RecordBatch._import_from_c, batch.select(["x"]).schema)
    assert taken.to_pylist() == [{"x": 2}]


def test_what_is_not_imported_is_freed():
    batch = pa.record_batch({"x": np.zeros(1 << 20, np.uint8)})
    held = chunks(batch, [sizes_of(batch["x"])])
    rows = np.arange(1 << 20)
    for _ in range(3):
        assert held.take(rows, lambda *_: None, None) is None
        with pytest.raises(ZeroDivisionError):
            held.take(rows, lambda *_: 1 // 0, None)
