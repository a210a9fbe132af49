"""The batches of a verification are of its own size, whatever the data's are."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from headrace.deploy.verification.cut_batches import cut_batches


@given(st.lists(st.integers(0, 700), max_size=6))
def test_rows_stay_in_order_and_batches_are_small(sizes: list[int]) -> None:
    whole = pa.record_batch({"x": pa.array(range(sum(sizes))), "y": pa.array(["a"] * sum(sizes))})
    starts = [sum(sizes[:at]) for at in range(len(sizes))]
    batches = [whole.slice(start, size) for start, size in zip(starts, sizes, strict=True)]
    found = list(cut_batches(batches, {"x"}))
    assert [value for batch in found for value in batch["x"].to_pylist()] == list(range(sum(sizes)))
    assert all(0 < batch.num_rows <= 256 and batch.schema.names == ["x"] for batch in found)
    assert len(found) <= 2 * (sum(sizes) // 256) + 1


def test_texts_are_cut_by_bytes() -> None:
    texts = pa.array(["x" * 100_000] * 300 + ["y"] * 300 + ["z" * 5_000_000])
    found = list(cut_batches([pa.record_batch({"text": texts})], {"text"}))
    assert pa.concat_arrays([batch["text"] for batch in found]).equals(texts)
    assert max(batch.nbytes for batch in found if batch.num_rows > 1) <= 1 << 20


def test_batches_of_other_schemas_are_not_joined() -> None:
    batches = [pa.record_batch({"x": pa.array([1], type_)}) for type_ in (pa.int32(), pa.int32(), pa.int64())]
    assert [batch.num_rows for batch in cut_batches(batches, {"x"})] == [2, 1]
