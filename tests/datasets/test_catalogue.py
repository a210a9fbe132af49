import gzip
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from headrace import datasets
from headrace.columns import from_arrow
from headrace.datasets.builder import sample_path
from headrace.datasets.catalogue import builders
from headrace.datasets.idx import write_idx
from headrace.errors import RecordError, SchemaError, UsageError

every_dataset = pytest.mark.parametrize("name", builders())


def table(ds):
    return pa.Table.from_batches(list(ds), ds.schema)


@every_dataset
def test_the_sample_matches_its_card(name):
    card = datasets.info(name)
    assert card.name == name
    assert card.label in card.schema.names
    for split, rows in card.sample_rows.items():
        ds = datasets.load(name, split)
        assert ds.schema == card.schema
        assert ds.num_rows == table(ds).num_rows == rows
    assert all([card.description, card.licence, card.source, card.citation])


@every_dataset
def test_complementary_slices_make_the_split(name):
    whole = table(datasets.load(name, "train"))
    first, rest = (table(datasets.load(name, split)) for split in ("train[:80%]", "train[80%:]"))
    assert pa.concat_tables([first, rest]).equals(whole)


@every_dataset
def test_a_slice_is_a_random_sample(name):
    card = datasets.info(name)
    labels = table(datasets.load(name, "train[:25%]"))[card.label].to_pylist()
    if card.class_names:
        share = np.array(list(Counter(labels).values())) / len(labels)
        assert len(share) == len(card.class_names)
        assert abs(share - 1 / len(share)).max() < 0.5 / len(share)
    else:
        whole = from_arrow(table(datasets.load(name, "train"))[card.label])
        assert abs(np.mean(labels) - whole.mean()) < 0.1 * whole.std()


@every_dataset
def test_downloads_carry_a_checksum(name):
    for download in builders()[name].downloads:
        algorithm, _, digest = download.checksum.partition(":")
        assert len(digest) == {"md5": 32, "sha256": 64}[algorithm]


def test_unknown_names_get_near_names():
    with pytest.raises(UsageError, match="unknown dataset 'fashon_mnist'; did you mean 'fashion_mnist'"):
        datasets.load("fashon_mnist")
    with pytest.raises(UsageError, match="unknown split 'tset'; did you mean 'test'"):
        datasets.load("housing", "tset")


def test_samples_are_balanced():
    for name in ("fashion_mnist", "movie_reviews"):
        card = datasets.info(name)
        for split, rows in card.sample_rows.items():
            counts = Counter(table(datasets.load(name, split))["label"].to_pylist())
            assert set(counts.values()) == {rows // len(card.class_names)}


def test_train_and_test_share_no_row():
    for name, column in (("movie_reviews", "text"), ("fashion_mnist", "image")):
        train, test = (table(datasets.load(name, split))[column] for split in ("train", "test"))
        as_bytes = [
            {str(v).encode() if isinstance(v, str) else bytes(v) for v in plain(c)} for c in (train, test)
        ]
        assert not as_bytes[0] & as_bytes[1]


def plain(column):
    values = from_arrow(column)
    return values.to_pylist() if isinstance(values, pa.Array) else values


def test_housing_holds_the_whole_census_with_its_missing_values():
    parts = [table(datasets.load("housing", split)) for split in ("train", "test")]
    whole = pa.concat_tables(parts)
    assert whole.num_rows == 20_640
    assert whole["total_bedrooms"].null_count == 207
    assert set(whole["ocean_proximity"].to_pylist()) == {
        "<1H OCEAN",
        "INLAND",
        "NEAR OCEAN",
        "NEAR BAY",
        "ISLAND",
    }
    assert len({tuple(row.values()) for row in whole.to_pylist()}) == 20_640


def test_housing_reads_a_folder_like_the_embedded_file(tmp_path):
    (tmp_path / "housing.csv").write_bytes(gzip.decompress(sample_path("housing.csv.gz").read_bytes()))
    assert table(datasets.load("housing", "test", tmp_path)).equals(table(datasets.load("housing", "test")))


@pytest.mark.parametrize("prefix", ["", "fashion-mnist-"])
def test_fashion_mnist_reads_released_files(tmp_path, prefix):
    images = np.arange(5 * 784).astype(np.uint8).reshape(5, 28, 28)
    write_idx(tmp_path / f"{prefix}t10k-images-idx3-ubyte.gz", images)
    write_idx(tmp_path / f"{prefix}t10k-labels-idx1-ubyte.gz", np.arange(5, dtype=np.uint8))
    found = table(datasets.load("fashion_mnist", "test", tmp_path))
    np.testing.assert_array_equal(from_arrow(found["image"]), images)
    assert found["label"].to_pylist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("images", "labels", "error", "message"),
    [
        (
            np.zeros((2, 28, 28), np.uint8),
            np.zeros(3, np.uint8),
            SchemaError,
            r"expected images of shape \[3, 28, 28\], as many as labels, got \[2, 28,",
        ),
        (np.zeros((3, 27, 28), np.uint8), np.zeros(3, np.uint8), SchemaError, r"got \[3, 27, 28\]"),
        (
            np.zeros((1, 28, 28), np.uint8),
            np.full(1, 10, np.uint8),
            SchemaError,
            "expected labels from 0 to 9, got 10",
        ),
        (
            np.zeros(3, np.uint8),
            np.zeros(3, np.uint8),
            RecordError,
            "expected an idx file of unsigned bytes in 3 dimensions",
        ),
    ],
)
def test_fashion_mnist_refuses_files_that_do_not_match(tmp_path, images, labels, error, message):
    write_idx(tmp_path / "t10k-images-idx3-ubyte.gz", images)
    write_idx(tmp_path / "t10k-labels-idx1-ubyte.gz", labels)
    with pytest.raises(error, match=message):
        datasets.load("fashion_mnist", "test", tmp_path)


def test_missing_files_are_named_with_a_hint(tmp_path):
    with pytest.raises(
        UsageError,
        match=r"expected one of the files t10k-images.* in this folder; put one there, or fetch it",
    ):
        datasets.load("fashion_mnist", "test", tmp_path)


def test_movie_reviews_reads_a_folder_of_two_folders(tmp_path):
    for label in ("pos", "neg"):
        (tmp_path / label).mkdir()
        for k in range(10):
            (tmp_path / label / f"{k}.txt").write_text(f"{label} {k}")
    train, test = (table(datasets.load("movie_reviews", split, tmp_path)) for split in ("train", "test"))
    assert Counter(train["label"].to_pylist()) == {"pos": 8, "neg": 8}
    assert Counter(test["label"].to_pylist()) == {"pos": 2, "neg": 2}
    assert len({*train["text"].to_pylist(), *test["text"].to_pylist()}) == 20


def test_the_card_says_that_the_sample_is_generated():
    assert "GENERATED" in datasets.info("movie_reviews").description


def test_prepare_refuses_a_dataset_that_ships_in_full(tmp_path):
    with pytest.raises(UsageError, match="all of 'housing' ships with the package"):
        datasets.prepare("housing", tmp_path)
