import re
from itertools import product

import numpy as np
import pytest

from headrace import datasets, records, transform
from headrace.data import Dataset
from headrace.errors import UsageError

INTEGERS = {
    "size": lambda ds, value: ds.batch(value),
    "rows": lambda ds, value: ds.take(value),
    "batches": lambda ds, value: ds.prefetch(value),
    "seed": lambda ds, value: ds.shuffle(seed=value),
    "window": lambda ds, value: ds.shuffle(0, window=value),
    "threads": lambda ds, value: ds.map(lambda batch: batch, threads=value),
    "index": lambda ds, value: ds.shard(value, 8),
    "shards": lambda ds, value: ds.shard(0, value),
    "times": lambda ds, value: ds.repeat(value),
    "epoch": lambda ds, value: ds.epoch(value),
}


@pytest.fixture
def ds():
    return Dataset.from_arrays({"x": np.arange(9)})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *product(INTEGERS, [12.5, 3.0, True, np.True_, "3", [3], np.array([1, 2]), np.float32(3)]),
        *product(sorted(INTEGERS.keys() - {"window"}), [None]),
    ],
)
def test_what_is_not_an_integer_is_refused_in_one_line_that_names_the_argument(ds, name, value):
    with pytest.raises(UsageError, match=rf"^{name}: expected an integer, got ") as caught:
        INTEGERS[name](ds, value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", INTEGERS)
def test_negative_and_huge_integers_are_refused(ds, name):
    with pytest.raises(UsageError, match=rf"{name} is -1; pass [01] or more"):
        INTEGERS[name](ds, -1)
    with pytest.raises(UsageError, match=rf"{name} is 1{'0' * 20}; pass at most"):
        INTEGERS[name](ds, 10**20)


@pytest.mark.parametrize("name", INTEGERS)
@pytest.mark.parametrize("value", [np.int64(3), np.uint8(3), np.array(3)])
def test_integers_of_numpy_are_accepted(ds, name, value):
    built = INTEGERS[name](ds, value)
    assert built.spec.replace("<lambda>", "") == INTEGERS[name](ds, 3).spec.replace("<lambda>", "")
    assert list(built)


def test_flags_functions_and_names_are_checked(ds):
    with pytest.raises(UsageError, match=r"drop_remainder: expected True or False, got 1 \(int\)"):
        ds.batch(2, drop_remainder=1)
    with pytest.raises(UsageError, match=r"function: expected a function, got 3 \(int\)"):
        ds.map(3)
    with pytest.raises(UsageError, match="keep: expected a function, got 'x'"):
        ds.filter("x")
    with pytest.raises(UsageError, match="columns: expected the name of a column, got ''"):
        ds.select("")
    with pytest.raises(UsageError, match=r"columns: expected distinct names of columns, got \['x', 'x'\]"):
        ds.select(["x", "x"])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True, "0.5", None])
def test_fractions_weights_and_shares_are_finite_numbers(ds, value):
    with pytest.raises(UsageError, match="expected fractions or numbers of rows above 0, got "):
        ds.split(0.5, value)
    with pytest.raises(UsageError, match="expected a weight above 0 for each of 2 datasets, got "):
        Dataset.mix([ds, ds], [1, value])
    with pytest.raises(UsageError, match=r"target\[0\]: expected a number above 0, got "):
        ds.resample("x", {0: value})


def test_numbers_of_numpy_are_accepted(ds):
    assert [part.num_rows for part in ds.split(np.float32(0.5), np.float64(0.5))] == [5, 4]
    assert sum(batch.num_rows for batch in Dataset.mix([ds, ds], np.array([1, 2]))) == 18
    assert sum(batch.num_rows for batch in ds.resample("x", {0: np.float32(1), 1: np.int64(1)})) == 2


SCHEMA = "schema: expected a pyarrow.Schema"
DS = Dataset.from_arrays({"x": np.arange(9)})
OTHERS = {
    "expected a list of datasets, got int": lambda: DS.concatenate(5),
    "expected a list of datasets, got Dataset": lambda: DS.zip(DS),
    "expected a weight above 0 for each of 2 datasets, got None": lambda: DS.mix([DS, DS], None),
    "device: expected a device of torch, got 'gpu0'": lambda: DS.to_torch(device="gpu0"),
    "device: expected a device of torch, got 3.5": lambda: DS.to_torch(device=3.5),
    f"device: expected a device of torch, got {2**63}": lambda: DS.to_torch(device=2**63),
    "expected a list of datasets, got ndarray": lambda: DS.zip(np.array(3)),
    "expected a list of datasets, got a NoneType in it": lambda: DS.zip([DS, None]),
    "expected a weight above 0 for each of 1 datasets, got np.float64(3.0)": lambda: DS.mix(
        [DS], np.array(3.0)[()]
    ),
    "stage: expected a stage, got 'take'": lambda: DS.apply("take"),
    "stage: expected a stage, got <class 'int'>": lambda: DS.apply(int),
    "columns: expected names of columns, got array(3)": lambda: DS.select(np.array(3)),
    "columns: expected Unicode text, got half of a surrogate pair": lambda: DS.select("\ud800"),
    "expected a class per row from ": lambda: list(DS.weights(lambda _: [1, (2,)])),
    "expected a path or a list of paths, got array(3)": lambda: Dataset.from_csv(np.array(3)),
    f"{SCHEMA}, got 'x'": lambda: Dataset.from_generator(lambda: [{"x": 1}], "x"),
    f"{SCHEMA}, got 1": lambda: Dataset.from_csv(__file__, schema=1),
    f"{SCHEMA}, got 2": lambda: Dataset.from_json_lines(__file__, schema=2),
    f"{SCHEMA}, got 3": lambda: Dataset.from_webdataset(__file__, schema=3),
    f"{SCHEMA} or a SequenceSchema, got 4": lambda: records.write_schema(4, "x"),
    "split: expected a string, got 3": lambda: datasets.load("fashion_mnist", split=3),
    "engine: expected a name or an engine, got 3": lambda: transform.analyze(dict, DS, engine=3),
}


@pytest.mark.parametrize("message", OTHERS)
def test_other_arguments_of_another_type_are_refused(message):
    with pytest.raises(UsageError, match=f"^{re.escape(message)}"):
        OTHERS[message]()
