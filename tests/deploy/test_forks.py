"""Verification in a forked process, where the threads of other libraries are gone."""

from __future__ import annotations

import multiprocessing
from typing import Any

import pyarrow as pa
import pytest
from tests.waiting import PATIENCE

from headrace.deploy.verification import feeding


def feed_polars(queue: Any) -> None:
    batch = pa.record_batch({"x": ["a", "b"] * 1000})
    try:
        feeding.TABLES["Polars"](batch)
    except feeding.CannotCarryError as error:
        queue.put(str(error))


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_fork_of_a_process_in_which_polars_ran_does_not_wait_for_its_threads() -> None:
    feeding.TABLES["Polars"](pa.record_batch({"x": ["a", "b"] * 1000}))
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    child = context.Process(target=feed_polars, args=(queue,))
    child.start()
    child.join(PATIENCE)
    assert child.exitcode == 0
    assert queue.get() == "Polars does not run in a forked process"
