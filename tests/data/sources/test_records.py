import pyarrow as pa
import pytest

from headrace import records
from headrace.data import Dataset
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
