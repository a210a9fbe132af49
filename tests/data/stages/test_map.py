import threading

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.waiting import PATIENCE

from headrace.data import Dataset
from headrace.errors import UsageError
from headrace.parallel import autotune


def add_double(batch):
    return batch.append_column("double", pc.multiply(batch["x"], 2))


@pytest.fixture
def counting():
    return Dataset.from_arrays({"x": np.arange(100)}).batch(7)


@pytest.mark.parametrize("threads", [1, 4])
def test_the_function_is_called_on_every_batch_in_order(counting, threads):
    ds = counting.map(add_double, threads=threads)
    assert ds.schema.names == ["x", "double"]
    assert pa.Table.from_batches(list(ds))["double"].to_pylist() == list(range(0, 200, 2))


@pytest.fixture
def measured(monkeypatch):
    """Measurements after which two threads are tried, and then four are chosen."""
    monkeypatch.setattr(autotune, "available_cpus", lambda: 4)
    monkeypatch.setattr(autotune, "_PERIOD_SECONDS", 0.0)
    monkeypatch.setattr(
        autotune, "choose_threads", lambda costs, most: (min(2 ** len(costs), most), len(costs) == 2)
    )


@pytest.mark.usefixtures("measured", "no_thread_left")
def test_measured_threads_change_neither_batches_nor_states():
    rows = Dataset.from_arrays({"x": np.arange(400)}).shuffle(seed=0).batch(7)
    measuring = rows.map(add_double, threads="auto")
    assert "map(add_double) (threads to be measured)" in measuring.explain()
    expected, iterator = list(rows.map(add_double)), iter(measuring)
    for number, batch in enumerate(expected):
        assert next(iterator).equals(batch)
        state = iterator.state_dict()
        resumed = iter(rows.map(add_double, threads=1 + number % 3))
        resumed.load_state_dict(state)
        assert next(resumed, None) == (expected[number + 1] if number + 1 < len(expected) else None)
        resumed.close()
    assert next(iterator, None) is None
    assert "map(add_double) (threads=4 as measured)" in measuring.explain()
    continued = iter(measuring)
    fixed = iter(rows.map(add_double, threads=2))
    assert [next(fixed) for _ in range(10)] == expected[:10]
    continued.load_state_dict(fixed.state_dict())
    assert list(continued) == expected[10:]


def test_other_words_than_auto_are_refused(counting):
    with pytest.raises(
        UsageError, match=r'threads: expected an integer, got .many.; pass 1 or more, or "auto"'
    ):
        counting.map(add_double, threads="many")
    with pytest.raises(UsageError, match="expected threads or processes, got both"):
        counting.map(add_double, threads="auto", processes=2)


def test_threads_run_concurrently(counting):
    meeting = threading.Barrier(3, timeout=PATIENCE)

    def meet(batch):
        if batch["x"][0].as_py() < 21:  # the first three batches
            meeting.wait()
        return batch

    assert len(list(counting.take(63).map(meet, threads=3))) == 9


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.usefixtures("no_thread_left")
def test_an_error_reaches_the_consumer(counting, threads):
    def fail(batch):
        raise StopIteration if batch["x"][0].as_py() == 14 else ValueError("never reached")

    with pytest.raises((RuntimeError, StopIteration, ValueError)):
        list(counting.skip(14).map(fail, threads=threads))


def test_a_result_of_another_type_is_refused(counting):
    with pytest.raises(UsageError, match=r"expected a pyarrow.RecordBatch from .*, got a Table"):
        list(counting.map(lambda batch: pa.Table.from_batches([batch])))


def test_a_changed_number_of_rows_is_refused(counting):
    with pytest.raises(UsageError, match=r"expected 7 rows from .*, got 3; use filter"):
        list(counting.map(lambda batch: batch.slice(0, 3)))


class Sum:
    """A function that declares which columns it reads, as transforms do."""

    reads = ("x", "y")

    def __call__(self, batch):
        assert set(batch.schema.names) == set(self.reads)
        return pa.record_batch({"sum": pc.add(batch["x"], batch["y"])})


@pytest.mark.parametrize("threads", [1, 2])
def test_a_function_that_declares_its_columns_gets_only_those(tmp_path, threads):
    pq.write_table(pa.table({"x": [1, 2], "z": [0, 0], "y": [3, 4]}), tmp_path / "rows.parquet")
    ds = Dataset.from_parquet(tmp_path / "rows.parquet").map(Sum(), threads)
    assert pa.Table.from_batches(list(ds))["sum"].to_pylist() == [4, 6]
    assert pa.Table.from_batches([b for part in ds.parts for b in part])["sum"].to_pylist() == [4, 6]


def test_an_error_of_the_source_is_raised_after_the_batches_before_it(counting):
    def fail_at_fifth(batch):
        if batch["x"][0].as_py() == 28:
            raise ValueError("fifth batch")
        return batch

    iterator = iter(counting.map(fail_at_fifth).map(add_double, threads=4))
    assert [next(iterator)["x"][0].as_py() for _ in range(4)] == [0, 7, 14, 21]
    with pytest.raises(ValueError, match="fifth batch"):
        next(iterator)
