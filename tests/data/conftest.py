"""Rows in which every column is a function of the row number, so that a mix of two rows is detected."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.waiting import no_new_threads

from headrace.columns import Ragged, from_arrow, to_arrow
from headrace.data import Dataset
from headrace.data.iterator import seal_state
from headrace.errors import UsageError

ROWS = 103


def _columns(row: np.ndarray) -> dict[str, pa.Array]:
    lengths = row % 4
    return {
        "row": pa.array(row),
        "image": to_arrow((row[:, None, None] + np.arange(6).reshape(1, 2, 3)).astype(np.uint8)),
        "pair": to_arrow(np.stack([row, -row], axis=1).astype(np.float32)),
        "words": to_arrow(Ragged(np.repeat(row, lengths), np.concatenate([[0], np.cumsum(lengths)]))),
        "name": pa.array([f"row {k}" for k in row], pa.string()),
        "maybe": pa.array([None if k % 5 == 0 else float(k) for k in row], pa.float64()),
    }


@pytest.fixture
def batches() -> list[pa.RecordBatch]:
    """103 rows in batches of odd sizes, one of them empty."""
    whole = pa.RecordBatch.from_pydict(_columns(np.arange(ROWS)))
    edges = [0, 10, 10, 47, 48, 90, ROWS]
    return [whole.slice(a, b - a) for a, b in pairwise(edges)]


@pytest.fixture
def numbered(batches) -> Dataset:
    return Dataset.from_arrow(batches)


@pytest.fixture
def rows_of():
    """Return the row numbers of a stream, after checking that every row is intact."""

    def rows(stream) -> list[int]:
        numbers = []
        for batch in stream:
            row = from_arrow(batch["row"])
            for name, column in _columns(row).items():
                assert batch[name].equals(column), name
            numbers += row.tolist()
        return numbers

    return rows


@pytest.fixture
def no_thread_left():
    """Fail if the test leaves a thread running."""
    with no_new_threads():
        yield


@pytest.fixture
def check_malformed_states() -> Callable[..., None]:
    """Check that states with a changed cursor are refused, or lead to no other error with a new digest."""

    def check(open_dataset: Callable[[], Dataset]) -> None:
        iterator = iter(open_dataset())
        next(iterator, None)
        state = iterator.state_dict()
        iterator.close()
        for cursor in _mutate(state["cursor"]):
            edited = {**state, "cursor": cursor}
            resumed = iter(open_dataset())
            with pytest.raises(UsageError, match=r"was edited since|expected an iteration state"):
                resumed.load_state_dict(edited)
            with suppress(UsageError):
                resumed.load_state_dict(seal_state(edited))
                next(resumed, None)
            resumed.close()

    return check


def _mutate(cursor: Any) -> Iterator[Any]:
    """Yield a cursor with one part, at any depth, replaced, removed or added."""
    others = (None, True, -1, 3, 2**62, 2**64, float("nan"), "3", [], [7], [0, 0], {})
    yield from (other for other in others if json.dumps(other) != json.dumps(cursor))
    if isinstance(cursor, list):
        yield [*cursor, 0]
        for place, part in enumerate(cursor):
            yield [*cursor[:place], *cursor[place + 1 :]]
            yield from ([*cursor[:place], other, *cursor[place + 1 :]] for other in _mutate(part))
