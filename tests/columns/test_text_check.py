import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.columns import check_text
from headrace.errors import SchemaError


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
