"""Rows gathered from several batches equal pyarrow's, for every type and every way to slice arrays."""

import datetime
import decimal
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.data.rows import RowPool, concatenate, count_bytes, take_rows
from headrace.errors import SchemaError, UsageError

LEAVES = {
    pa.int8(): lambda k: k % 100,
    pa.uint16(): lambda k: k,
    pa.int32(): lambda k: -k,
    pa.int64(): lambda k: k << 40,
    pa.float16(): lambda k: np.float16(k),
    pa.float32(): lambda k: k / 4,
    pa.float64(): lambda k: k / 3,
    pa.bool_(): lambda k: k % 3 == 0,
    pa.string(): lambda k: "é" * (k % 5) + str(k),
    pa.large_string(): lambda k: "x" * (k % 7),
    pa.binary(): lambda k: bytes([k % 256]) * (k % 90),
    pa.large_binary(): lambda k: bytes([k % 256]) * (k % 3),
    pa.binary(3): lambda k: k.to_bytes(3, "little"),
    pa.date32(): lambda k: datetime.date(2000, 1, 1) + datetime.timedelta(days=k),
    pa.time32("s"): lambda k: datetime.time(k % 24),
    pa.timestamp("us", "UTC"): lambda k: datetime.datetime.fromtimestamp(k, datetime.UTC),
    pa.duration("ms"): lambda k: datetime.timedelta(seconds=k),
    pa.decimal128(9, 2): lambda k: decimal.Decimal(k) / 100,
    pa.decimal256(50, 0): lambda k: decimal.Decimal(k),
    pa.month_day_nano_interval(): lambda k: pa.MonthDayNano([k, 1, 2]),
    pa.null(): lambda _: None,
}
types = st.recursive(
    st.sampled_from(list(LEAVES)),
    lambda inner: st.one_of(
        st.builds(pa.list_, inner),
        st.builds(pa.large_list, inner),
        st.builds(pa.list_, inner, st.integers(0, 3)),
        st.builds(lambda a, b: pa.struct([("a", a), ("b", b)]), inner, inner),
        st.builds(lambda item: pa.map_(pa.string(), item), inner),
        st.just(pa.dictionary(pa.int8(), pa.string())),
        st.just(pa.fixed_shape_tensor(pa.float32(), [2, 3])),
    ),
    max_leaves=3,
)


def make(type_, rows, random):
    """An array of random values with nulls: a slice of a longer array, its children too."""
    before, after = random.integers(0, 4, 2).tolist()
    size = rows + before + after
    nulls = random.random(size) < random.choice([0, 0.3])
    mask = pa.array(nulls)
    lengths = random.integers(0, 4, size)
    if isinstance(type_, pa.FixedShapeTensorType):
        storage = make(type_.storage_type, size, random)
        array = pa.ExtensionArray.from_storage(type_, storage)
    elif pa.types.is_fixed_size_list(type_) and type_.list_size == 0:
        validity = pa.array(~nulls).buffers()[1]
        values = make(type_.value_type, 0, random)
        array = pa.Array.from_buffers(type_, size, [validity], children=[values])
    elif pa.types.is_fixed_size_list(type_):
        values = make(type_.value_type, size * type_.list_size, random)
        array = pa.FixedSizeListArray.from_arrays(values, type=type_, mask=mask)
    elif pa.types.is_map(type_):
        splits = np.concatenate([[0], np.cumsum(lengths)])
        keys = pa.array([f"key {k}" for k in range(splits[-1])], pa.string())
        items = make(type_.item_type, splits[-1], random)
        array = pa.MapArray.from_arrays(pa.array(splits, pa.int32()), keys, items, type=type_, mask=mask)
    elif pa.types.is_list(type_) or pa.types.is_large_list(type_):
        whole = pa.ListArray if pa.types.is_list(type_) else pa.LargeListArray
        splits = np.concatenate([[0], np.cumsum(lengths)])
        offsets = pa.array(splits, pa.int32() if whole is pa.ListArray else pa.int64())
        array = whole.from_arrays(offsets, make(type_.value_type, splits[-1], random), type=type_, mask=mask)
    elif pa.types.is_struct(type_):
        children = [make(field.type, size, random) for field in type_]
        array = pa.StructArray.from_arrays(children, fields=list(type_), mask=mask)
    elif pa.types.is_dictionary(type_):
        words = pa.array([f"word {k}" for k in random.integers(0, 9, 5)]).unique()
        array = pa.DictionaryArray.from_arrays(pa.array(lengths % len(words), pa.int8(), mask=nulls), words)
    else:
        values = [LEAVES[type_](k) for k in random.integers(0, 900, size).tolist()]
        array = pa.array([None if null else value for null, value in zip(nulls, values, strict=True)], type_)
    return array.slice(before, rows)


@st.composite
def gathers(draw):
    """Batches of random types and sizes, and rows to take: single ones, repeated ones, and runs."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    columns = draw(st.lists(types, max_size=3))
    sizes = draw(st.lists(st.integers(0, 40), min_size=1, max_size=5))
    schema = pa.schema([(f"c{i}", type_) for i, type_ in enumerate(columns)])
    batches = [
        pa.RecordBatch.from_arrays([make(type_, size, random) for type_ in columns], schema=schema)
        if columns
        else pa.record_batch({"gone": np.zeros(size)}).select([])
        for size in sizes
    ]
    total = sum(sizes)
    runs = draw(st.lists(st.tuples(st.integers(0, max(0, total - 1)), st.integers(0, 30)), max_size=8))
    rows = [row for start, length in runs for row in range(start, min(start + length, total))]
    return batches, np.array(rows, np.int64)


@settings(max_examples=150, deadline=None)
@given(gathers())
def test_gathered_rows_equal_those_of_the_concatenated_batches(gather):
    batches, rows = gather
    pool = RowPool(batches)
    taken = pool.take(rows)
    taken.validate(full=True)
    assert pool.num_rows == sum(batch.num_rows for batch in batches)
    assert taken.schema == batches[0].schema
    assert taken.num_rows == len(rows)
    for number, column in enumerate(taken.columns):
        whole = [value for batch in batches for value in batch.column(number).to_pylist()]
        assert column.to_pylist() == [whole[row] for row in rows]


@settings(deadline=None)
@given(gathers())
def test_equal_rows_have_equal_sizes(gather):
    for batch in gather[0]:
        if "dictionary" in str(batch.schema):  # pyarrow takes these, and drops what lies below a null
            continue
        moved = RowPool([batch]).take(np.arange(batch.num_rows))
        assert count_bytes(moved) == count_bytes(batch)


def test_sizes_are_those_of_values_and_offsets():
    batch = pa.record_batch({"x": [1, None, 3], "text": ["ab", "", None], "list": [[1, 2], None, [3]]})
    assert count_bytes(batch.slice(0, 2)) == 2 * 8 + (3 * 4 + 2) + (3 * 4 + 2 * 8)


def test_batches_are_not_copied():
    batches = [pa.record_batch({"x": np.arange(1 << 16)}) for _ in range(16)]
    before = pa.total_allocated_bytes()
    pool = RowPool(batches)
    taken = pool.take(np.array([70_000, 3]))
    assert pa.total_allocated_bytes() - before < 1 << 17  # the batches have 8 MB
    assert taken["x"].to_pylist() == [70_000 - (1 << 16), 3]


def test_a_pool_keeps_its_batches_alive():
    pool = RowPool([pa.record_batch({"x": [f"row {k}"] * 9}) for k in range(9)])
    assert pool.take(np.array([80, 0]))["x"].to_pylist() == ["row 8", "row 0"]


def test_gathered_rows_outlive_the_pool():
    taken = RowPool([pa.record_batch({"x": [["a", None], None, ["b"]]})]).take(np.array([2, 0, 1]))
    (column,) = taken.columns
    values = column.values
    del taken, column
    assert values.to_pylist() == ["b", "a", None]


@pytest.mark.parametrize("row", [-1, 6, 2**62, -(2**62)])
def test_a_row_that_does_not_exist_is_refused(row):
    pool = RowPool([pa.record_batch({"x": [1, 2, 3]})] * 2)
    with pytest.raises(IndexError, match=f"row {row} of 6"):
        pool.take(np.array([0, row]))


def test_threads_share_a_pool():
    batches = [
        pa.record_batch({"x": np.arange(first, first + 100), "y": ["y"] * 100})
        for first in range(0, 900, 100)
    ]
    pool = RowPool(batches)

    def take(seed):
        rows = np.random.default_rng(seed).integers(0, 900, 500)
        return all(np.array_equal(pool.take(rows)["x"], rows) for _ in range(50))

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(take, range(8)))


def test_strided_row_numbers_are_accepted():
    assert take_rows(pa.record_batch({"x": [0, 1, 2, 3]}), np.arange(4)[::-2])["x"].to_pylist() == [3, 1]


def test_batches_of_different_schemas_are_refused():
    batches = [pa.record_batch({"x": [1]}), pa.record_batch({"x": ["1"]})]
    for gather in (RowPool, concatenate):
        with pytest.raises(SchemaError, match="'x' is int64 and string"):
            gather(batches)


@pytest.mark.parametrize("column", [pa.array(["x" * (1 << 20)]), pa.array([b"x" * (1 << 20)])])
def test_more_than_two_gigabytes_of_strings_are_refused(column):
    pool = RowPool([pa.record_batch({"x": column})])
    with pytest.raises(UsageError, match="2,048 rows do not fit into one batch"):
        pool.take(np.zeros(2048, np.int64))


def test_more_than_two_billion_list_values_are_refused():
    values = pa.nulls(1 << 24, pa.null())
    column = pa.ListArray.from_arrays(pa.array([0, 1 << 24], pa.int32()), values)
    pool = RowPool([pa.record_batch({"x": column})])
    with pytest.raises(UsageError, match="128 rows do not fit into one batch"):
        pool.take(np.zeros(128, np.int64))


@pytest.mark.parametrize("middle", [9, -4, 2**31 - 1])
@pytest.mark.parametrize("type_", [pa.string(), pa.list_(pa.int8())])
def test_broken_offsets_are_an_error_that_says_so(middle, type_):
    buffers = [None, pa.py_buffer(np.array([0, middle, 3], np.int32))]
    children = [pa.array([1, 2, 3], pa.int8())]
    if pa.types.is_string(type_):
        buffers, children = [*buffers, pa.py_buffer(b"abc")], []
    broken = pa.Array.from_buffers(type_, 2, buffers, children=children)
    pool = RowPool([pa.record_batch({"x": broken})])
    for rows in ([0], [1], [0, 1], [1, 1, 0]):
        with pytest.raises(SchemaError, match="expected ascending offsets from 0 to at most 3, got"):
            pool.take(np.array(rows))


@pytest.mark.parametrize("offsets", [[0, 2, 1, 4], [0, 5, 3, 4], [0, -1, 3, 4]])
def test_invalid_offsets_of_padded_lists_are_refused(offsets):
    buffers = [None, pa.py_buffer(np.array(offsets, np.int32))]
    lists = pa.ListArray.from_buffers(pa.list_(pa.int64()), 3, buffers, children=[pa.array([1, 2, 3, 4])])
    pool = RowPool([pa.RecordBatch.from_arrays([lists], ["ids"])])
    with pytest.raises(SchemaError, match="expected ascending offsets"):
        pool.take_padded(0, np.arange(3), None, 1, np.zeros(1, np.int64))


@pytest.mark.parametrize(
    ("column", "fill"),
    [(pa.array([[1], None]), np.int64(0)), (pa.array([[1, None]]), np.int64(0)), (pa.array([1]), np.int64(0)),
     (pa.array([[1]]), np.int32(0)), (pa.array([["a"]]), np.int64(0)), (pa.array([[True]]), np.int8(0))],
    ids=str,
)  # fmt: skip
def test_columns_that_cannot_be_padded_are_refused(column, fill):
    pool = RowPool([pa.RecordBatch.from_arrays([column], ["ids"])])
    with pytest.raises(SchemaError, match="expected lists"):
        pool.take_padded(0, np.zeros(1, np.int64), 4, 1, np.array([fill]))
