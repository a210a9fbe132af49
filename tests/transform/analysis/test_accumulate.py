from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest

from headrace import transform as t
from headrace.transform.analysis.accumulate import accumulate, accumulate_parts
from headrace.transform.analysis.parts import require_parts
from headrace.transform.analysis.states import dump_states, next_state_keys
from headrace.transform.tracing import trace

SCHEMA = pa.schema({"x": pa.float64(), "y": pa.float64()})
KEYS = next_state_keys(
    trace(
        lambda x: {
            "z": t.concatenate([x["x"], x["y"]]) + t.covariance(t.concatenate([x["x"], x["y"]])),
            "b": t.bucketize(x["x"], 10),
        },
        SCHEMA,
    )
)


def batches(count: int, rows: int = 2_000) -> list[pa.RecordBatch]:
    random = np.random.default_rng(0)
    return [
        pa.record_batch({"x": random.normal(size=rows), "y": random.normal(size=rows)}) for _ in range(count)
    ]


@pytest.mark.parametrize("cpus", [1, 2, 7])
def test_the_number_of_threads_changes_no_bit(cpus: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = batches(40)
    expected = dump_states(KEYS, accumulate(KEYS, data))
    of_parts = dump_states(KEYS, accumulate_parts(KEYS, require_parts(data), None))
    monkeypatch.setitem(accumulate.__globals__, "available_cpus", lambda: cpus)
    assert dump_states(KEYS, accumulate(KEYS, iter(data))) == expected
    assert dump_states(KEYS, accumulate_parts(KEYS, require_parts(data), None)) == of_parts


def test_few_batches_are_read_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(accumulate.__globals__, "available_cpus", lambda: 2)
    merged, most = 0, 0

    def read() -> Iterator[pa.RecordBatch]:
        nonlocal most
        for number, batch in enumerate(batches(60, rows=10)):
            most = max(most, number - merged)
            yield batch

    original = accumulate.__globals__["merge_states"]

    def merge_states(keys, states, *args):
        def counted():
            nonlocal merged
            for each in states:
                merged += 1
                yield each

        return original(keys, counted(), *args)

    monkeypatch.setitem(accumulate.__globals__, "merge_states", merge_states)
    accumulate(KEYS, read())
    assert merged == 60
    assert most <= 2 * 2 + 1


def test_an_error_of_the_data_is_raised_as_itself() -> None:
    def read() -> Iterator[pa.RecordBatch]:
        yield from batches(3)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        accumulate(KEYS, read())


def test_parts_without_batches_have_empty_states() -> None:
    expected = dump_states(KEYS, accumulate(KEYS, []))

    class Empty:
        fingerprint = "empty"

        def __iter__(self) -> Iterator[pa.RecordBatch]:
            return iter([])

    assert dump_states(KEYS, accumulate_parts(KEYS, [Empty(), Empty()], None)) == expected
    assert dump_states(KEYS, accumulate_parts(KEYS, [], None)) == expected
