import json

import pyarrow as pa
import pytest

from headrace.data import Dataset
from headrace.errors import UsageError


def test_a_state_of_another_pipeline_is_refused(numbered):
    state = iter(numbered.shuffle(1).batch(10)).state_dict()
    with pytest.raises(UsageError, match=r"pipeline 'shuffle\(seed=2.*got one of 'shuffle\(seed=1"):
        iter(numbered.shuffle(2).batch(10)).load_state_dict(state)


def test_prefetch_and_threads_may_change_between_save_and_resume(numbered):
    def same(batch):
        return batch

    saved = iter(numbered.map(same).batch(10).prefetch(1))
    next(saved)
    resumed = iter(numbered.map(same, threads=2).batch(10).prefetch(5))
    resumed.load_state_dict(saved.state_dict())
    assert list(resumed) == list(saved)


def test_a_state_of_other_data_is_refused(numbered):
    state = iter(numbered.batch(10)).state_dict()
    other = Dataset.from_arrow(pa.Table.from_batches(list(numbered)).slice(1))
    with pytest.raises(UsageError, match="the data are not those that the state was saved with"):
        iter(other.batch(10)).load_state_dict(state)


def test_a_state_of_another_function_is_refused(numbered):
    state = iter(numbered.filter(lambda batch: batch["maybe"].is_valid())).state_dict()
    with pytest.raises(UsageError, match="the functions of the pipeline are not those"):
        iter(numbered.filter(lambda batch: batch["maybe"].is_null())).load_state_dict(state)


def test_a_state_of_an_earlier_version_is_refused(numbered):
    for state in (
        {"epoch": 0, "batches": 3, "pipeline": "batch(10)"},
        {"format": 2, "epoch": 0},
        {"format": 3},
    ):
        with pytest.raises(UsageError, match=r"saved by an earlier version.*start the epoch again"):
            iter(numbered.batch(10)).load_state_dict(state)


def test_a_state_is_small(numbered):
    ds = (
        numbered.shuffle(1).map(lambda batch: batch).filter(lambda batch: batch["maybe"].is_valid()).batch(10)
    )
    iterator = iter(ds)
    next(iterator)
    assert len(json.dumps(iterator.state_dict())) < 1000


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"epoch": "0", "batches": 1},
        None,
        3,
        [],
        "format",
        {"format": 4, "epoch": 0, "rows": 0, "shards": 1, "cursor": None},
        {"format": 5},
    ],
)
def test_an_invalid_state_is_refused(numbered, state):
    with pytest.raises(UsageError, match="expected an iteration state"):
        iter(numbered).load_state_dict(state)


def test_a_state_can_be_loaded_in_mid_epoch(numbered):
    iterator = iter(numbered.shuffle(1).batch(10))
    start = iterator.state_dict()
    first = [next(iterator), next(iterator)]
    iterator.load_state_dict(start)
    assert [next(iterator), next(iterator)] == first


@pytest.mark.parametrize(
    "name", ["format", "epoch", "cursor", "rows", "shards", "pipeline", "digest", "more"]
)
@pytest.mark.parametrize("value", [None, True, -1, 7, 2**63, 1.0, float("nan"), "x", [], {}, [[], -1]])
def test_an_edited_state_is_refused(numbered, name, value):
    iterator = iter(numbered.shuffle(1).batch(10))
    next(iterator)
    state = iterator.state_dict()
    with pytest.raises(UsageError, match=r"was edited since|expected an iteration state") as error:
        iterator.load_state_dict({**state, name: value})
    assert "\n" not in str(error.value)
    with pytest.raises(UsageError, match="expected an iteration state"):
        iterator.load_state_dict({key: each for key, each in state.items() if key != name} | {"more": 1})
    iterator.load_state_dict(json.loads(json.dumps(dict(reversed(state.items())))))
