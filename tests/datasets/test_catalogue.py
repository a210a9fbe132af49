from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from headrace import datasets
from headrace.columns import from_arrow
from headrace.datasets.find_builder import builders
from headrace.errors import UsageError

every_dataset = pytest.mark.parametrize("name", builders())
every_sample = pytest.mark.parametrize("name", [name for name, each in builders().items() if each.sample])


@every_sample
def test_the_sample_matches_its_card(name, table):
    card = datasets.info(name)
    for split, rows in card.sample_rows.items():
        ds = datasets.load(name, split)
        assert ds.schema == card.schema
        assert ds.num_rows == table(ds).num_rows == rows


@every_dataset
def test_the_card_is_complete(name):
    card = datasets.info(name)
    assert card.name == name
    assert card.label in card.schema.names
    assert all(card.full_rows.values())
    assert all([card.description, card.licence, card.source, card.citation])


@every_sample
def test_complementary_slices_make_the_split(name, table):
    whole = table(datasets.load(name, "train"))
    first, rest = (table(datasets.load(name, split)) for split in ("train[:80%]", "train[80%:]"))
    assert pa.concat_tables([first, rest]).equals(whole)


@every_sample
def test_a_slice_is_a_random_sample(name, table):
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


def test_unknown_names_get_suggestions():
    with pytest.raises(UsageError, match="unknown dataset 'fashon_mnist'; did you mean 'fashion_mnist'"):
        datasets.load("fashon_mnist")
    with pytest.raises(UsageError, match="unknown split 'tset'; did you mean 'test'"):
        datasets.load("housing", "tset")


def test_samples_are_balanced(table):
    for name in ("fashion_mnist", "movie_reviews"):
        card = datasets.info(name)
        for split, rows in card.sample_rows.items():
            counts = Counter(table(datasets.load(name, split))["label"].to_pylist())
            assert set(counts.values()) == {rows // len(card.class_names)}


def test_train_and_test_share_no_row(table):
    for name, column in (("movie_reviews", "text"), ("fashion_mnist", "image")):
        train, test = (table(datasets.load(name, split))[column] for split in ("train", "test"))
        as_bytes = [
            {str(v).encode() if isinstance(v, str) else bytes(v) for v in plain(c)} for c in (train, test)
        ]
        assert not as_bytes[0] & as_bytes[1]


def plain(column):
    values = from_arrow(column)
    return values.to_pylist() if isinstance(values, pa.Array) else values


def test_an_unknown_variant_gets_a_suggestion():
    with pytest.raises(UsageError, match=r"emnist/leters: no such .*did you mean 'emnist/letters'"):
        datasets.load("emnist/leters")
