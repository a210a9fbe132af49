import gzip
from itertools import accumulate
from pathlib import Path

import pyarrow as pa
import pytest

from headrace import records
from headrace.data import Dataset
from headrace.data.sources.records import RecordSource
from headrace.errors import RecordError, UsageError


@pytest.fixture
def base(tmp_path, numbered):
    records.write(tmp_path / "train", numbered.map(stored), shards=3)
    return tmp_path / "train"


def stored(batch):
    """Drop the column with missing values."""
    return batch.drop_columns(["maybe"])


def test_written_records_are_read_back(base, numbered):
    ds = Dataset.from_records(base)
    assert ds.num_rows == sum(batch.num_rows for batch in ds) == 103
    found = pa.Table.from_batches(list(ds)).sort_by("row")
    expected = pa.Table.from_batches(list(numbered.map(stored)))
    for name in expected.column_names:
        assert found[name].combine_chunks().to_pylist() == expected[name].combine_chunks().to_pylist(), name
    assert ds.schema.field("image").type == numbered.schema.field("image").type


def test_a_schema_chooses_features(base):
    schema = pa.schema([("row", pa.int64())])
    assert Dataset.from_records(f"{base}-*.tfrecord", schema).schema == schema


def test_records_are_shuffled_and_resumed_like_any_source(base):
    ds = Dataset.from_records(base).shuffle(1, window=20).batch(10)
    running = iter(ds)
    next(running)
    resumed = iter(ds)
    resumed.load_state_dict(running.state_dict())
    assert list(resumed) == list(running)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("rows", [1, 4095, 4096, 5000, 8999, 9000])
def test_compressed_records_after_a_row_are_in_the_batches_of_the_whole(tmp_path, monkeypatch, threads, rows):
    monkeypatch.setattr("headrace.records.reading.streamed.available_cpus", lambda: threads)
    table = pa.table({"row": range(9000), "text": [str(row) * (row % 5) for row in range(9000)]})
    records.write(tmp_path / "train", table, shards=4, compression="gzip")
    source = Dataset.from_records(tmp_path / "train").source
    whole = list(source.read())
    (start, first), *later = [
        (start, batch)
        for start, batch in zip(accumulate((len(each) for each in whole), initial=0), whole, strict=False)
        if start + len(batch) > rows
    ] or [(9000, whole[0].slice(0, 0))]
    expected = [first.slice(max(rows - start, 0)), *(batch for _, batch in later)]
    assert list(source.read_after(rows)) == [batch for batch in expected if batch.num_rows]


def test_records_that_are_skipped_on_resuming_are_not_parsed(tmp_path):
    table = pa.table({"row": range(9000)})
    file = Path(records.write(tmp_path / "train", table, shards=1, compression="gzip")[0])
    data = bytearray(gzip.decompress(file.read_bytes()))
    data[12] ^= 1  # the first payload no longer matches its checksum
    file.write_bytes(gzip.compress(data))
    source = RecordSource((str(file),), table.schema)
    assert next(source.read_after(5000))["row"][0].as_py() == 5000
    with pytest.raises(RecordError):
        list(source.read())


@pytest.mark.usefixtures("base")
def test_a_truncated_file_is_named(tmp_path):
    (file, *_) = sorted(tmp_path.glob("*.tfrecord"))
    file.write_bytes(file.read_bytes()[:-5])
    with pytest.raises(RecordError) as caught:
        list(Dataset.from_records(file, pa.schema([("row", pa.int64())])))
    assert caught.value.path == str(file)


def test_a_pattern_without_files_is_refused(tmp_path):
    with pytest.raises(UsageError):
        Dataset.from_records(tmp_path / "none-*.tfrecord")
