import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from headrace.data import Dataset
from headrace.data.sources import HuggingFaceSource
from headrace.errors import DependencyError, SchemaError, UsageError

datasets = pytest.importorskip("datasets")
ROWS = [{"n": n, "word": f"w{n}"} for n in range(3000)]


def rows_of(ds: Dataset) -> list[dict]:
    return [row for batch in ds for row in batch.to_pylist()]


@pytest.fixture
def dataset():
    return datasets.Dataset.from_list(ROWS)


def test_rows_are_those_of_the_data_set_in_its_order(dataset) -> None:
    shuffled = dataset.shuffle(seed=1).filter(lambda row: row["n"] % 2 == 0)
    ds = Dataset.from_huggingface(shuffled)
    assert rows_of(ds) == list(shuffled)
    assert ds.num_rows == 1500
    assert rows_of(Dataset.from_huggingface(dataset.select(range(10, 20)))) == ROWS[10:20]
    assert rows_of(Dataset.from_huggingface(dataset, columns=["word"])) == [{"word": r["word"]} for r in ROWS]
    with pytest.raises(SchemaError, match=r"'wrd': the file lacks this column; did you mean 'word'"):
        rows_of(Dataset.from_huggingface(dataset, columns=["wrd"]))


def test_rows_are_read_by_number(dataset) -> None:
    found = rows_of(Dataset.from_huggingface(dataset.shuffle(seed=1)).shuffle(seed=0).batch(100))
    assert sorted(found, key=lambda row: row["n"]) == ROWS != found


def test_saved_data_sets_and_splits_are_loaded(dataset, tmp_path: Path, monkeypatch) -> None:
    dataset.save_to_disk(tmp_path / "one")
    datasets.DatasetDict({"train": dataset, "test": dataset.select([0])}).save_to_disk(tmp_path / "two")
    assert rows_of(Dataset.from_huggingface(tmp_path / "one")) == ROWS
    assert rows_of(Dataset.from_huggingface(tmp_path / "two", split="test")) == ROWS[:1]
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Dataset.from_huggingface("~/one").num_rows == 3000
    with pytest.raises(UsageError, match="the data set has several splits; pass split='train'"):
        Dataset.from_huggingface(tmp_path / "two")
    with pytest.raises(UsageError, match=r"unknown split 'tset'; did you mean 'test'"):
        Dataset.from_huggingface(tmp_path / "two", split="tset")


def test_a_folder_of_files_is_loaded_by_name(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))
    for label in ("cat", "dog"):
        (tmp_path / "images" / label).mkdir(parents=True)
        Image.new("RGB", (4, 4)).save(tmp_path / "images" / label / "0.png")
    ds = Dataset.from_huggingface(str(tmp_path / "images"), split="train")
    assert ds.schema == pa.schema({"image": pa.binary(), "label": pa.int64()})
    found = rows_of(ds)
    assert [row["label"] for row in found] == [0, 1]
    assert found[0]["image"] == (tmp_path / "images" / "cat" / "0.png").read_bytes()
    with pytest.raises(UsageError, match="missing: cannot be loaded"):
        Dataset.from_huggingface(str(tmp_path / "missing"))


def test_images_are_bytes_and_arrays_are_tensors() -> None:
    features = datasets.Features(
        {
            "image": datasets.Image(),
            "label": datasets.ClassLabel(names=["a", "b"]),
            "matrix": datasets.Array2D((2, 3), "float32"),
        }
    )
    matrices = np.arange(12, dtype=np.float32).reshape(2, 2, 3)
    dataset = datasets.Dataset.from_dict(
        {"image": [Image.new("RGB", (4, 4)), None], "label": [0, 1], "matrix": matrices}, features=features
    )
    (batch,) = Dataset.from_huggingface(dataset)
    assert batch.schema.field("matrix").type == pa.fixed_shape_tensor(pa.float32(), [2, 3])
    assert np.array_equal(batch["matrix"].to_numpy_ndarray(), matrices)
    assert Image.open(io.BytesIO(batch["image"][0].as_py())).size == (4, 4)
    assert batch["image"][1].as_py() is None
    assert batch["label"].to_pylist() == [0, 1]


def test_streams_are_read_anew_each_epoch(dataset) -> None:
    stream = dataset.to_iterable_dataset(num_shards=3)
    ds = Dataset.from_huggingface(stream)
    assert rows_of(ds) == rows_of(ds.epoch(1)) == ROWS
    assert ds.num_rows is None
    assert HuggingFaceSource.from_dataset(stream).open_rows() is None
    mapped = Dataset.from_huggingface(stream.map(lambda row: {"double": 2 * row["n"]}))
    assert rows_of(mapped)[7] == {"n": 7, "word": "w7", "double": 14}


def test_fingerprints_are_of_the_rows(dataset, tmp_path: Path) -> None:
    dataset.save_to_disk(tmp_path / "one")
    dataset.save_to_disk(tmp_path / "two")
    one, two = (HuggingFaceSource.from_dataset(tmp_path / name) for name in ("one", "two"))
    assert one.fingerprint == two.fingerprint
    others = [dataset.shuffle(seed=0), dataset.select(range(100)), dataset.select(range(1, 101))]
    digests = {HuggingFaceSource.from_dataset(each).fingerprint for each in [dataset, *others]}
    assert len(digests) == 4


def test_other_objects_and_a_missing_package_are_refused(monkeypatch) -> None:
    with pytest.raises(UsageError, match=r"expected a datasets.Dataset, an IterableDataset, .*, got a int"):
        Dataset.from_huggingface(1)
    monkeypatch.setitem(__import__("sys").modules, "datasets", None)
    with pytest.raises(DependencyError, match=r"headrace\[huggingface\]"):
        Dataset.from_huggingface("mnist")


def stream(*parts: list[dict]):
    return datasets.IterableDataset.from_generator(lambda: (row for part in parts for row in part))


def test_rows_of_a_stream_without_features_that_differ_are_named() -> None:
    for parts, what in [
        (([{"a": 1}], [{"a": 2.5}]), "record 0: the rows from here on differ"),
        (([{"a": 1}] * 2048, [{"a": 2.5}]), "record 2,048: feature 'a': expected int64 as in the first rows"),
        (([{"a": 1.5}] * 2048, [{"a": "2"}]), "record 2,048: feature 'a': expected double as in the first"),
        (([{"a": 1}] * 2048, [{"a": 1, "b": 2}]), "record 2,048: expected the columns a, got a, b"),
        (([{"a": 1, "b": 2}] * 2048, [{"a": 1}]), "record 2,048: expected the columns a, b, got a"),
    ]:
        with pytest.raises(SchemaError, match=f"the stream, {what}.*pass features=datasets.Features"):
            rows_of(Dataset.from_huggingface(stream(*parts)))


def test_later_rows_of_a_stream_that_fit_are_kept() -> None:
    later = [{"b": 3, "a": None}] * 2
    found = rows_of(Dataset.from_huggingface(stream([{"a": 1.5, "b": 2}] * 2048, later)))
    assert found[2047:] == [{"a": 1.5, "b": 2}, {"a": None, "b": 3}, {"a": None, "b": 3}]


def test_a_transform_set_on_the_data_set_is_not_left_out_without_a_word(dataset) -> None:
    with pytest.warns(UserWarning, match=r"is not applied; apply it by Dataset\.map"):
        Dataset.from_huggingface(dataset.with_transform(lambda rows: {"n": [0] * len(rows["n"])}))
