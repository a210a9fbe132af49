"""What `verify` finds in data that differ from their card."""

import numpy as np
import pyarrow as pa
import pytest

from headrace import datasets
from headrace.data import Dataset
from headrace.datasets.prepared import write_folder
from headrace.datasets.user_builders import _builders
from headrace.errors import UsageError


@pytest.fixture(autouse=True)
def no_builders():
    """Forget the builders of a test."""
    yield
    _builders.clear()


def verify(rows, label="y", class_names=("no", "yes")):
    make = datasets.builder("mine", label=label, class_names=class_names, splits=["train"])
    make(lambda *_: Dataset.from_arrow(pa.table(rows)))
    (split,) = datasets.verify("mine").splits
    return split


def test_labels_are_counted_by_class():
    assert verify({"y": [0, 1, 1]}).class_rows == {"no": 1, "yes": 2}
    assert verify({"y": ["yes", "yes"]}).class_rows == {"no": 0, "yes": 2}
    assert verify({"y": [1.5]}, class_names=()).class_rows == {}


@pytest.mark.parametrize("type_", [pa.list_(pa.int64()), pa.list_(pa.int64(), 2)])
def test_a_row_may_have_several_labels(type_):
    split = verify({"y": pa.array([[0, 1], [1, 1]], type_)})
    assert split.class_rows == {"no": 1, "yes": 3}
    assert split.problems == ()


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        ([0, 2, 2], r"labels that are not classes of the card: 2 (2 rows)"),
        ([0, None], r"labels that are not classes of the card: None (1 rows)"),
        (["yes", "maybe"], r"labels that are not classes of the card: 'maybe' (1 rows)"),
    ],
)
def test_labels_of_no_class_are_named(labels, problem):
    assert verify({"y": labels}).problems == (problem,)


def test_columns_that_differ_are_named(add_module):
    source = """
import pyarrow as pa
from headrace.data import Dataset
from headrace.datasets import DatasetInfo
from headrace.datasets.dataset_builder import DatasetBuilder

ROWS = {"train": 2}
SCHEMA = pa.schema([("x", pa.int64()), ("y", pa.int64())])
INFO = DatasetInfo("other", "", SCHEMA, "y", (), ROWS, ROWS, "", "", "")
BUILDER = DatasetBuilder(INFO, sample=lambda split: Dataset.from_arrays({"x": [0.5], "z": [1]}))
"""
    add_module("headrace.datasets.builders.tables", "other", source)
    report = datasets.verify("other")
    assert not report.ok
    assert report.splits[0].problems == (
        "the column 'y' is missing",
        "unexpected column 'z'",
        "expected int64 in the column 'x', got double",
        "expected 2 rows, got 1",
    )


def test_downloads_are_compared_with_their_checksums(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADRACE_DATA_DIR", str(tmp_path))
    path = tmp_path / "downloads" / "movie_reviews" / "movie_reviews.zip"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"PK")
    report = datasets.verify("movie_reviews")
    assert list(report.downloads) == [str(path)]
    assert "a file of this name exists with 2 bytes, expected 4,004,848" in report.downloads[str(path)]
    assert not report.ok


def test_a_shard_that_is_missing_is_one_error(tmp_path):
    card = datasets.info("movie_reviews")
    rows = {"train": Dataset.from_arrays({"text": np.array(["a", "b"]), "label": np.array(["neg", "pos"])})}
    folder = write_folder(tmp_path / "1.0.0", card, rows, shards=2)
    next(folder.glob("*-00001-of-00002")).unlink()
    with pytest.raises(UsageError, match="00001-of-00002: this shard is missing"):
        datasets.verify(folder)


def test_rows_that_two_splits_share_are_found():
    train = pa.table({"x": [[1, 2], [3], None, [5]], "s": ["a", "b", "c", "d"], "y": [0, 0, 1, 1]})
    test = pa.table({"x": [[3], [1, 2], None], "s": ["b", "b", "c"], "y": [1, 0, 1]})
    make = datasets.builder("mine", label="y", class_names=("no", "yes"), splits=["train", "test"])
    make(lambda split, _: Dataset.from_arrow(train if split == "train" else test))
    report = datasets.verify("mine")
    (shared,) = report.shared
    assert (shared.first, shared.second, shared.rows) == ("train", "test", 2)
    assert shared.examples == ((1, 0), (2, 2))  # the label of the first differs
    assert report.ok


VALUES = [
    pa.array([1, 2, None, 1]),
    pa.array([0.1, 0.2, None, 0.1]),
    pa.array([True, False, None, True]),
    pa.array(["a", "b", None, "a"]),
    pa.array(["a", "b", None, "a"]).dictionary_encode(),
    pa.array([b"a", b"b", None, b"a"], pa.large_binary()),
    pa.array([1, 2, None, 1], pa.date32()),
    pa.array([1, 2, None, 1], pa.decimal128(9)),
    pa.array([["a", "b"], ["a"], None, ["a", "b"]]),
    pa.array([[[1], [2, 3]], [[1, 2], [3]], None, [[1], [2, 3]]]),
    pa.array([[1, 2], [3, 4], None, [1, 2]], pa.list_(pa.int32(), 2)),
    pa.array([["a", "b"], ["c", "d"], None, ["a", "b"]], pa.list_(pa.string(), 2)),
    pa.array([{"a": 1, "b": "x"}, {"a": 2, "b": "x"}, None, {"a": 1, "b": "x"}]),
    pa.array([[("a", 1)], [("b", 1)], None, [("a", 1)]], pa.map_(pa.string(), pa.int64())),
]


@pytest.mark.parametrize("column", VALUES, ids=lambda column: str(column.type))
def test_shared_values_of_every_type_are_found(column):
    rows = pa.table({"x": column})
    splits = {"train": rows[:3], "test": rows[3:]}
    make = datasets.builder("mine", splits=["train", "test"])
    make(lambda split, _: Dataset.from_arrow(splits[split]))
    (shared,) = datasets.verify("mine").shared
    assert shared.examples == ((0, 0),)
