import numpy as np
import pyarrow as pa
import pytest

from headrace.columns import from_arrow
from headrace.data import Dataset
from headrace.errors import SchemaError


def segments(ds):
    """The tokens of every segment, with the list of its positions."""
    for batch in ds:
        columns = [from_arrow(batch[name]) for name in ("ids", "segment_ids", "position_ids")]
        for ids, numbers, places in zip(*columns, strict=True):
            for number in range(1, numbers.max() + 1):
                yield ids[numbers == number].tolist(), places[numbers == number].tolist()


@pytest.mark.parametrize("length", [128, 512, 2048])
def test_rows_have_at_most_2_percent_of_padding(texts, length):
    ds = texts.shuffle(0).pack("ids", length)
    cells = sum(batch.num_rows for batch in ds) * length
    assert cells <= 1.02 * sum(len(batch["ids"].flatten()) for batch in texts)
    assert all(batch["ids"].type == pa.list_(pa.int32(), length) for batch in ds)


@pytest.mark.parametrize("separator", [None, -7])
@pytest.mark.parametrize("length", [64, 1000])
def test_every_token_is_in_one_segment_with_its_row(texts, separator, length):
    texts = texts.take(300)
    found: dict[int, int] = {}
    packed = texts.pack("ids", length, separator=separator, pool=20)
    for tokens, places in segments(packed):
        assert places == list(range(len(tokens)))
        row = tokens[0]
        if row >= 0:
            assert set(tokens) <= {row, separator}
            assert separator not in tokens[:-1]
            found[row] = found.get(row, 0) + tokens.count(row)
    assert found == {row: row_ids.count(row) for row, row_ids in enumerate(lists_of(texts))}
    labels = [label for batch in packed for label in batch["row"].flatten().to_pylist()]
    assert sorted(set(labels)) == list(range(300))
    if separator is not None:
        ends = sum(tokens.count(separator) for tokens, _ in segments(packed))
        assert ends == 300


def lists_of(ds):
    return [ids for batch in ds for ids in batch["ids"].to_pylist()]


def test_segments_keep_the_other_columns_in_their_order():
    columns = {"ids": [[1, 1], [2], [3, 3, 3], []], "mask": [[9, 8], [7], [6, 5, 4], []], "y": list("abcd")}
    batch = next(iter(Dataset.from_arrays(columns).pack(["ids", "mask"], 6, separator=0).batch(9)))
    rows = batch.to_pylist()
    for row in rows:
        first = [row["ids"][row["segment_ids"].index(number + 1)] for number in range(len(row["y"]))]
        assert first == [{"a": 1, "b": 2, "c": 3, "d": 0}[label] for label in row["y"]]
        assert [row["mask"][place] == 0 for place in range(6)] == [token == 0 for token in row["ids"]]
    assert sorted(label for row in rows for label in row["y"]) == list("abcd")


def test_sequences_without_tokens_are_dropped_and_long_ones_divided():
    ds = Dataset.from_arrays({"ids": [[], [1, 2, 3, 4, 5], []], "y": [0, 1, 2]}).pack("ids", 2)
    rows = sorted((row["ids"], row["y"]) for batch in ds for row in batch.to_pylist())
    assert rows == [([1, 2], [1]), ([3, 4], [1]), ([5, 0], [1])]
    assert ds.skip(0).take(0).schema.names == ["ids", "y", "segment_ids", "position_ids"]


def test_rows_come_in_another_order_in_each_epoch_but_take_chooses_the_same(texts):
    ds = texts.pack("ids", 512)
    first, second = ([batch["row"].to_pylist() for batch in ds.epoch(epoch)] for epoch in (0, 1))
    assert first != second
    assert list(ds.take(70)) == list(ds.take(70).epoch(1))


def test_errors_name_the_column():
    ds = Dataset.from_arrays(
        {"ids": [[1], [2]], "other": [[1], [2, 3]], "segment_ids": np.arange(2), "s": ["a", "b"]}
    )
    with pytest.raises(SchemaError, match="'other': expected lists as long as those of 'ids'"):
        next(iter(ds.pack(["ids", "other"], 4)))
    with pytest.raises(SchemaError, match="'s': expected lists of numbers, got Arrow type string"):
        next(iter(ds.pack("s", 4)))
    with pytest.raises(SchemaError, match="'segment_ids': pack adds a column of this name"):
        next(iter(ds.pack("ids", 4)))
    small = Dataset.from_arrow(pa.table({"ids": pa.array([[1]], pa.list_(pa.int8()))}))
    with pytest.raises(SchemaError, match="'ids': 300 does not fit into int8"):
        next(iter(small.pack("ids", 4, separator=300)))
