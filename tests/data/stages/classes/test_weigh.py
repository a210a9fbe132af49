import numpy as np
import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.errors import SchemaError, UsageError

LABELS = ["a"] * 6 + ["b"] * 3 + [None]


@pytest.fixture
def ds():
    return Dataset.from_arrow(pa.table({"label": LABELS, "row": range(10)})).batch(4)


def weights(ds, name="weight"):
    return np.array([weight for batch in ds for weight in batch[name].to_pylist()])


def test_balanced_weights_give_each_class_the_same_total(ds):
    found = weights(ds.weights("label"))
    assert found == pytest.approx([10 / 18] * 6 + [10 / 9] * 3 + [10 / 3])
    assert found.mean() == pytest.approx(1)
    assert ds.weights("label").schema.field("weight").type == pa.float32()


def test_weights_do_not_depend_on_the_order_or_the_epoch(ds):
    shuffled = ds.shuffle(1).weights("label").shuffle(2).epoch(3)
    by_row = {row["row"]: row["weight"] for batch in shuffled for row in batch.to_pylist()}
    assert [by_row[row] for row in range(10)] == pytest.approx(list(weights(ds.weights("label"))))
    assert weights(ds.weights("label").take(6)) == pytest.approx([10 / 18] * 6)


def test_workers_that_divide_the_rows_weigh_them_as_one_does(ds):
    weighed = ds.weights("label")
    shares = [weighed.divide_batches(index, 2) for index in range(2)]
    assert sorted(weight for share in shares for weight in weights(share)) == sorted(weights(weighed))


def test_given_weights_and_computed_classes(ds):
    found = ds.weights(lambda batch: np.asarray(batch["row"]) < 5, {True: 2, False: 0.5}, name="w")
    assert weights(found, "w").tolist() == [2] * 5 + [0.5] * 5


def test_a_class_without_weight_and_an_existing_column_are_refused(ds):
    with pytest.raises(UsageError, match="class 'b' has no weight; name the weight of every class"):
        weights(ds.weights("label", {"a": 1}))
    with pytest.raises(SchemaError, match="'row': a column of this name exists"):
        weights(ds.weights("label", name="row"))
    with pytest.raises(UsageError, match="weight: expected a mapping, got 'even'"):
        ds.weights("label", "even")
