from collections import Counter

import numpy as np
import pytest

from headrace.data import Dataset
from headrace.errors import SchemaError, UsageError

ROWS = 20_000


@pytest.fixture
def ds():
    labels = np.random.default_rng(0).choice(["cat", "dog", "eel"], ROWS, p=[0.9, 0.08, 0.02])
    return Dataset.from_arrays({"label": labels.tolist(), "row": np.arange(ROWS)})


def labels(ds):
    return Counter(label for batch in ds for label in batch["label"].to_pylist())


def rows(ds):
    return [row for batch in ds for row in batch["row"].to_pylist()]


@pytest.mark.parametrize("initial", [None, {"cat": 90, "dog": 8, "eel": 2}])
def test_classes_have_the_target_shares_and_few_rows_are_dropped(ds, initial):
    found = labels(ds.resample("label", {"cat": 0.5, "dog": 0.3, "eel": 0.2}, initial=initial))
    assert found["eel"] == labels(ds)["eel"]  # the class that there is least of, for its target
    total = sum(found.values())
    assert [found[each] / total for each in ("cat", "dog", "eel")] == pytest.approx([0.5, 0.3, 0.2], abs=0.03)


def test_rows_are_chosen_by_seed_and_epoch_however_batches_are_cut(ds):
    chosen = ds.resample("label", {"cat": 1, "dog": 1})
    assert set(labels(chosen)) == {"cat", "dog"}
    assert rows(chosen) == rows(ds.batch(7).resample("label", {"cat": 1, "dog": 1}))
    assert rows(chosen) != rows(chosen.epoch(1))
    assert rows(chosen) != rows(ds.resample("label", {"cat": 1, "dog": 1}, seed=1))


def test_later_epochs_keep_other_rows_but_split_and_take_choose_the_same(ds):
    chosen = ds.resample("label", {"cat": 1, "dog": 1})
    assert len({*rows(chosen.epoch(0)), *rows(chosen.epoch(1))}) > 1.2 * len(rows(chosen))
    train, test = chosen.split(0.8, 0.2)
    for epoch in (1, 2):
        assert not {*rows(train.epoch(epoch))} & {*rows(test)}
        assert rows(chosen.take(50).epoch(epoch)) == rows(chosen.take(50))
        shuffled = chosen.shuffle(1).take(50)
        assert sorted(rows(shuffled.epoch(epoch))) == sorted(rows(shuffled))


def test_classes_may_be_computed(ds):
    even = ds.resample(lambda batch: np.asarray(batch["row"]) % 2, {0: 3, 1: 1})
    share = np.mean(np.array(rows(even)) % 2)
    assert share == pytest.approx(0.25, abs=0.02)


def test_wrong_classes_and_shares_are_refused(ds):
    with pytest.raises(UsageError, match="no row is of class 'dgo'; choose among the classes "):
        rows(ds.resample("label", {"dgo": 1}))
    with pytest.raises(SchemaError, match="'labl': the data lack this column; did you mean 'label'"):
        rows(ds.resample("labl", {"dog": 1}))
    with pytest.raises(UsageError, match=r"target\['dog'\]: expected a number above 0, got 0"):
        ds.resample("label", {"dog": 0})
    with pytest.raises(UsageError, match=r"target: expected a mapping, got \[1\]"):
        ds.resample("label", [1])
    with pytest.raises(UsageError, match=r"classes: expected the name of a column, got 3 \(int\)"):
        ds.resample(3, {"dog": 1})
    with pytest.raises(UsageError, match=r"expected 4,096 classes from .*<lambda>, got 1"):
        rows(ds.resample(lambda _: np.zeros(1), {0: 1}))
