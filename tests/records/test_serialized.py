"""Features stored as serialised tensors: `write(serialized=...)`, and the schema that says so."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from headrace import records
from headrace.data import Dataset
from headrace.errors import RecordError, SchemaError, UsageError

ROWS = 20
IMAGES = np.arange(ROWS * 6, dtype=np.uint8).reshape(ROWS, 2, 3)
DATA = {
    "image": IMAGES,
    "exact": np.arange(ROWS * 2).reshape(ROWS, 2) / 3,
    "label": np.arange(ROWS),
}


def test_images_are_stored_as_tensorflow_code_stores_them(tmp_path: Path) -> None:
    records.write(tmp_path / "train", Dataset.from_arrays(DATA), shards=3, serialized=["image", "exact"])
    path = tmp_path / "train-00000-of-00003.tfrecord"
    example = records.decode_example(next(iter(records.RecordReader(path))))
    assert example["image"] == [records.encode_tensor(IMAGES[0])]
    assert example["exact"] == [records.encode_tensor(DATA["exact"][0])]  # float64

    ds = Dataset.from_records(tmp_path / "train")
    assert ds.schema.field("image").type == pa.fixed_shape_tensor(pa.uint8(), [2, 3])
    assert ds.schema.field("exact").type == pa.list_(pa.float64(), 2)
    table = pa.Table.from_batches(list(ds)).sort_by("label")
    assert table["exact"].to_pylist() == DATA["exact"].tolist()
    assert np.array_equal(table["image"].combine_chunks().to_numpy_ndarray(), IMAGES)
    narrow = next(iter(Dataset.from_records(tmp_path / "train", columns=["exact"]).shuffle(seed=0).batch(4)))
    assert narrow.schema.names == ["exact"]
    assert records.read_schema(tmp_path / "train.schema.json").field("image").metadata == {
        b"serialized": b"tensor"
    }
    assert records.check(str(tmp_path / "train-*.tfrecord")).records == ROWS


def test_files_of_other_writers_are_read_by_a_schema(tmp_path: Path) -> None:
    path = tmp_path / "a.tfrecord"
    with records.RecordWriter(path) as writer:
        for image, label in zip(IMAGES, range(ROWS), strict=True):
            writer.write(records.encode_example({"image": records.encode_tensor(image), "label": label}))
    image = pa.field("image", pa.fixed_shape_tensor(pa.uint8(), [2, 3]), nullable=False)
    schema = pa.schema([records.serialized(image), pa.field("label", pa.int64(), nullable=False)])
    (batch,) = records.read(path, schema=schema)
    assert np.array_equal(batch["image"].to_numpy_ndarray(), IMAGES)
    wrong = pa.schema([records.serialized(image.with_type(pa.fixed_shape_tensor(pa.uint8(), [3, 2])))])
    with pytest.raises(RecordError, match=r"'image': expected a tensor uint8\[3, 2\], got uint8\[2, 3\]"):
        list(records.read(path, schema=wrong))


def test_missing_rows_and_defaults(tmp_path: Path) -> None:
    type_ = pa.list_(pa.float32(), 2)
    table = pa.table({"x": pa.array([[1, 2], None, [3, 4]], type_)})
    records.write(tmp_path / "a.tfrecord", table, serialized="x")
    assert pa.Table.from_batches(list(records.read(tmp_path / "a.tfrecord"))).equals(table)
    field = records.default(records.serialized(pa.field("x", type_)), [7, 8])
    (batch,) = records.read(tmp_path / "a.tfrecord", schema=pa.schema([field]))
    assert batch["x"].to_pylist() == [[1, 2], [7, 8], [3, 4]]


def test_columns_that_cannot_be_serialised_are_named(tmp_path: Path) -> None:
    table = pa.table({"text": ["a"], "list": [[1, 2]], "x": [1]})
    for name in ("text", "list"):
        with pytest.raises(SchemaError, match=f"'{name}': only numbers of one fixed shape are serialised"):
            records.write(tmp_path / "a.tfrecord", table, serialized=[name])
    with pytest.raises(SchemaError, match="'image': no such column"):
        records.write(tmp_path / "a.tfrecord", table, serialized=["image"])
    with pytest.raises(UsageError, match="serialized: expected"):
        records.write(tmp_path / "a.tfrecord", table, serialized=3)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
