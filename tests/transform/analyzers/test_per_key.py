"""Statistics per key."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import headrace as hr
from headrace import transform as t
from headrace.transform.analyzers import MomentsAccumulator, tukey
from headrace.transform.analyzers.per_key import KeyedAccumulator


def test_a_key_of_integers_is_refused() -> None:
    with pytest.raises(hr.TraceError, match="expected a key of strings, got int64"):
        t.analyze(lambda i: {"y": t.per_key(t.mean(i["x"]), i["x"])[1]}, [pa.record_batch({"x": [1, 2]})])


def test_keys_are_in_byte_order_however_their_states_were_merged() -> None:
    accumulator = KeyedAccumulator(MomentsAccumulator())
    state = accumulator.empty()
    for keys in (["b", "ä", "a"], ["z", "b", "B"], ["a"]):
        values = np.arange(float(len(keys)))
        state = accumulator.merge(state, accumulator.update(accumulator.empty(), values, pa.array(keys)))
    assert accumulator.sort(state).keys.to_pylist() == ["B", "a", "b", "z", "ä"]
    again = accumulator.load(accumulator.dump(state))
    assert accumulator.dump(again) == accumulator.dump(state)
    state = accumulator.merge(state, accumulator.update(accumulator.empty(), np.ones(1), pa.array(["A"])))
    assert accumulator.sort(state).keys.to_pylist() == ["A", "B", "a", "b", "z", "ä"]


def test_rows_without_a_key_leave_no_state() -> None:
    accumulator = KeyedAccumulator(MomentsAccumulator(reduce_instance_dims=False))
    states = [
        accumulator.update(accumulator.empty(), np.ones((len(keys), 2)), pa.array(keys, pa.string()))
        for keys in ([], [""], ["", "a"], [""], ["b", "", "a"])
    ]
    assert accumulator.sort(states[1]).keys.to_pylist() == []
    state = accumulator.empty()
    for each in states:
        state = accumulator.merge(state, each)
    keys, stack = accumulator.sort(state)
    assert keys.to_pylist() == ["a", "b"]
    assert stack[:, :, 0].tolist() == [[2.0, 2.0], [1.0, 1.0]]


def test_states_of_many_batches_are_those_of_all_rows() -> None:
    rng = np.random.default_rng(0)
    keys, values = rng.integers(0, 3000, 60_000).astype(str), rng.integers(0, 100, 60_000).astype(float)
    accumulator = KeyedAccumulator(MomentsAccumulator())
    state = accumulator.empty()
    for rows in np.split(np.arange(60_000), 30):  # stacks of all batches are merged on the way
        one = accumulator.update(accumulator.empty(), values[rows], pa.array(keys[rows]))
        state = accumulator.merge(state, one)
    whole = accumulator.update(accumulator.empty(), values, pa.array(keys))
    assert accumulator.dump(state) == accumulator.dump(whole)


def test_the_four_parameters_of_tukey_per_key_are_those_of_each_key(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    batch = pa.record_batch({"x": rng.standard_t(3, 300), "k": ["a", "b", "c"] * 100})
    fits: list[int] = []
    fit = tukey.fit_tukey
    monkeypatch.setattr(tukey, "fit_tukey", lambda ranked: fits.append(1) or fit(ranked))
    scaled = t.analyze(lambda x: {"y": t.scale_to_gaussian_per_key(x["x"], x["k"])}, [batch])(batch)["y"]
    assert len(fits) == 1  # of all keys
    for place in range(3):
        one = batch.take(pa.array(range(place, 300, 3)))
        alone = t.analyze(lambda x: {"y": t.scale_to_gaussian(x["x"])}, [one])(one)["y"]
        assert alone.to_pylist() == scaled.to_pylist()[place::3]
