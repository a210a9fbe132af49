import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.columns import check_text
from headrace.data import Dataset
from headrace.data.formats import Destination, find_format
from headrace.data.sinks import ImageColumns, write_images
from headrace.errors import SchemaError
from headrace.images import encode_png


@given(st.lists(st.one_of(st.none(), st.binary(max_size=6)), max_size=20), st.integers(0, 20))
def test_the_first_string_that_python_cannot_decode_is_named(values, start):
    def decodes(value):
        try:
            return value is None or value.decode() is not None
        except UnicodeDecodeError:
            return False

    texts = pa.array(values, pa.binary()).view(pa.string()).slice(start)
    lists = pa.ListArray.from_arrays(pa.array(range(len(texts) + 1), pa.int32()), texts)
    wrong = [row for row, value in enumerate(values[start:]) if not decodes(value)]
    for column in (texts, lists, pa.StructArray.from_arrays([lists], ["x"])):
        batch = pa.record_batch({"x": column})
        if wrong:
            with pytest.raises(SchemaError, match=f"record {7 + wrong[0]}: feature 'x': expected UTF-8"):
                check_text(batch, first_row=7)
        else:
            check_text(batch)


def test_of_a_slice_of_lists_only_its_own_values_are_checked():
    texts = pa.array([b"\xff", b"a"]).view(pa.string())
    lists = pa.ListArray.from_arrays(pa.array([0, 1, 2], pa.int32()), texts)
    check_text(pa.record_batch({"x": lists.slice(1)}))


TEXTS = pa.array([b"a", b"caf\xe9", b"c"]).view(pa.string())
LISTS = pa.ListArray.from_arrays(pa.array([0, 0, 2, 3], pa.int32()), TEXTS)


@pytest.mark.parametrize("column", [TEXTS, LISTS], ids=["strings", "lists"])
@pytest.mark.parametrize("name", ["csv", "jsonl", "parquet", "arrow", "tfrecord"])
def test_strings_that_are_not_utf8_are_checked_on_writing(name, column, tmp_path):
    batch = pa.record_batch({"s": column})
    path = tmp_path / f"a.{name}"
    with pytest.raises(SchemaError, match=r"record 4: feature 's': expected UTF-8, got b'caf\\xe9'"):
        find_format(str(path)).write([batch.slice(0, 1)] * 3 + [batch], Destination(str(path), batch.schema))
    assert list(tmp_path.iterdir()) == []


def test_names_of_images_that_are_not_utf8_are_refused(tmp_path):
    png = encode_png(np.zeros((1, 1, 3), np.uint8))
    batch = pa.record_batch({"image": [png] * 3, "label": TEXTS})
    with pytest.raises(SchemaError, match="record 1: feature 'label': expected UTF-8"):
        write_images(tmp_path / "out", [batch], ImageColumns("image", "label"))


@pytest.mark.parametrize("shuffled", [False, True])
def test_strings_that_are_not_utf8_are_checked_on_entry_from_arrow(shuffled, tmp_path):
    table = pa.table({"s": TEXTS})
    with pa.ipc.new_file(tmp_path / "a.arrow", table.schema) as writer:
        writer.write_table(table)
    for ds in (Dataset.from_arrow(table), Dataset.from_arrow_ipc(tmp_path / "a.arrow")):
        with pytest.raises(SchemaError, match=r"record 1: feature 's': expected UTF-8, got b'caf\\xe9'"):
            list(ds.shuffle(seed=0) if shuffled else ds)


def test_dictionaries_are_checked_whole():
    for indices, row in (([0, 1], 1), ([0, 2], 0), ([0, 0, 2, 2], 0), ([0, 2, 1, 1], 2)):
        column = pa.DictionaryArray.from_arrays(pa.array(indices), TEXTS)
        with pytest.raises(SchemaError, match=rf"record {row}: feature 'x': expected UTF-8, got b'caf"):
            check_text(pa.record_batch({"x": column}))


def test_invalid_indices_are_refused():
    indices = pa.Array.from_buffers(pa.int32(), 1, [None, pa.py_buffer(b"\x09\0\0\0")])
    column = pa.DictionaryArray.from_arrays(indices, pa.array(["a"]), safe=False)
    with pytest.raises(SchemaError, match="the values of a column are invalid"):
        check_text(pa.record_batch({"x": column}))


@pytest.mark.parametrize("type_", [pa.string(), pa.large_string()])
def test_strings_of_ascii_are_checked_with_their_offsets(type_: pa.DataType) -> None:
    width = np.int32 if type_ == pa.string() else np.int64
    buffers = [None, pa.py_buffer(np.array([0, 3, 1, 4], width)), pa.py_buffer(b"abcd")]
    descending = pa.Array.from_buffers(type_, 3, buffers)
    with pytest.raises(SchemaError, match="values of a column are invalid"):
        check_text(pa.RecordBatch.from_arrays([descending], ["x"]))
    good = pa.array(["a", None, "", "bc", "d"], type_)
    for start in range(6):
        check_text(pa.RecordBatch.from_arrays([good.slice(start)], ["x"]))
