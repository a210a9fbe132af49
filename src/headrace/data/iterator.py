"""Iteration whose position can be saved mid-epoch and restored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from headrace.data.fingerprint import fingerprint
from headrace.data.pipeline import Cursor, Step, Steps
from headrace.errors import UsageError

__all__ = ["DatasetIterator", "PipelineIdentity", "seal_state"]

_FORMAT = 4
_DEEPEST = 100  # lists in a cursor
_LARGEST = 2**63 - 1
_NAMES = {"format", "epoch", "cursor", "rows", "pipeline", "functions", "source", "shards", "digest"}


@dataclass(frozen=True)
class PipelineIdentity:
    """What a saved position is valid for.

    Attributes:
        pipeline: The stages.
        functions: A digest of the functions of the user; empty without any.
        source: A digest of the data; of their schema if nothing else is known about them.
        shards: The number of shards that share the rows.
    """

    pipeline: str
    functions: str = ""
    source: str = ""
    shards: int = 1


class Streams(Protocol):
    """What an iterator needs of a pipeline."""

    def stream(self, epoch: int, cursor: Cursor) -> Steps:
        """Open the stream of an epoch at a cursor."""
        ...

    def identify(self) -> PipelineIdentity:
        """Return what a saved position is valid for."""
        ...

    def find_cursor(self, rows: int) -> Cursor | None:
        """Find the cursor after `rows` rows; None if it cannot be known without reading."""
        ...


class DatasetIterator:
    """One pass over a dataset, with a position that can be saved and restored.

    The state is a small dict of JSON values: the epoch, a cursor into the pipeline, and digests of the data
    and of the functions. Batches waiting in a prefetch queue do not count as consumed. Where the source can
    read rows by number, restoring reads only what the next batch needs; others are read again up to it.

    Args:
        pipeline: What to iterate.
        epoch: The epoch to iterate.
    """

    def __init__(self, pipeline: Streams, epoch: int) -> None:
        self._pipeline = pipeline
        self._epoch = epoch
        self._cursor: Cursor = None
        self._rows = 0
        self._stream = pipeline.stream(epoch, None)

    def __iter__(self) -> DatasetIterator:
        return self

    def __next__(self) -> pa.RecordBatch:
        return self.next_step().batch

    def next_step(self) -> Step:
        """Return the next batch with its cursor and parent.

        Raises:
            StopIteration: The epoch is over.
        """
        step = next(self._stream)
        self._cursor = step.cursor
        self._rows += step.batch.num_rows
        return step

    def close(self) -> None:
        """Stop early; files are closed and background threads have ended when this returns."""
        self._stream.close()

    def state_dict(self) -> dict[str, Any]:
        """Return the position, at most 1 kB as JSON."""
        return self._describe_position(self._rows, self._cursor)

    def _describe_position(self, rows: int, cursor: Cursor) -> dict[str, Any]:
        identity = self._pipeline.identify()
        state = {
            "format": _FORMAT,
            "epoch": self._epoch,
            "cursor": cursor,
            "rows": rows,
            "pipeline": identity.pipeline,
            "functions": identity.functions,
            "source": identity.source,
            "shards": identity.shards,
        }
        return seal_state(state)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Resume at a saved position; the batches that follow equal those that followed it then.

        The number of threads and of batches to prefetch may differ from then. So may the number of shards, if
        the shards together read the same global batches (`shuffle(...).shard(i, n).batch(size // n)`).

        Raises:
            UsageError: `state` is of other data, of another pipeline or function, was edited, or is not an
                iteration state.
        """
        identity = self._pipeline.identify()
        _check(state, identity)
        rows, cursor = state["rows"], state["cursor"]
        if state["shards"] != identity.shards:
            rows, cursor = self._share_position(rows * state["shards"], identity.shards)
        self.close()
        self._epoch, self._rows, self._cursor = state["epoch"], rows, cursor
        self._stream = self._pipeline.stream(self._epoch, cursor)

    def state_of_shares(self, rows: int) -> dict[str, Any]:
        """Return the position of all shares of the batches, `rows` rows into the epoch; see `seek`."""
        is_known = self._pipeline.find_cursor(self._rows) is not None
        return self._describe_position(rows, None if is_known else self._cursor)

    def seek(self, state: Mapping[str, Any], rows: int) -> None:
        """Resume where any number of shares of the same batches were; see `Dataset.share_batches`.

        Args:
            state: What `state_of_shares` returned for a share, or `state_dict` for whole batches.
            rows: Rows of this share up to the position.

        Raises:
            UsageError: As `load_state_dict` does.
        """
        _check(state, self._pipeline.identify())
        cursor = self._pipeline.find_cursor(rows)
        if cursor is None:
            cursor = state["cursor"]
        self.close()
        self._epoch, self._rows, self._cursor = state["epoch"], rows, cursor
        self._stream = self._pipeline.stream(self._epoch, cursor)
        if cursor is None:  # it cannot be known without reading
            self._rows = 0
            while self._rows < rows:
                self.next_step()

    def _share_position(self, rows: int, shards: int) -> tuple[int, Cursor]:
        """Find the position of one of `shards` shards that have read `rows` rows together."""
        cursor = None if rows % shards else self._pipeline.find_cursor(rows // shards)
        if cursor is None:
            raise UsageError(
                f"{shards} shards do not share a position {rows:,} rows into the epoch",
                hint="resume with the number of shards that the state was saved with",
            )
        return rows // shards, cursor


def seal_state(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return a state with the digest that it is checked by."""
    values = {name: value for name, value in state.items() if name != "digest"}
    return {**values, "digest": fingerprint(json.dumps(values, sort_keys=True))}


def _check(state: Any, identity: PipelineIdentity) -> None:
    if not isinstance(state, Mapping) or not _is_state(state):
        raise UsageError(
            f"expected an iteration state of format {_FORMAT}, got {_shorten(state)}",
            hint="pass what state_dict() returned",
        )
    if state.get("format") != _FORMAT:
        raise UsageError(
            "the iteration state was saved by an earlier version, which ordered rows differently",
            hint="start the epoch again",
        )
    if seal_state(state) != state:
        raise UsageError(
            "the iteration state was edited since it was saved",
            hint="pass what state_dict() returned; epoch(), skip() and shard() select other rows",
        )
    for name, what, hint in _COMPARED:
        expected, got = getattr(identity, name), state.get(name)
        if expected != got:
            raise UsageError(what.format(expected=expected, got=got), hint=hint)


def _is_state(state: Mapping[Any, Any]) -> bool:
    """Return whether a state has the values of this version, or is one of an earlier version."""
    if state.get("format") in (2, 3) or set(state) == {"epoch", "batches", "pipeline"}:
        return True
    counts = (state.get("epoch"), state.get("rows"), state.get("shards"))
    texts = (state.get("pipeline"), state.get("functions"), state.get("source"), state.get("digest"))
    return (
        state.get("format") == _FORMAT
        and set(state) == _NAMES
        and all(map(_is_count, counts))
        and _is_cursor(state["cursor"], 0)
        and all(isinstance(text, str) for text in texts)
    )


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and 0 <= value <= _LARGEST


def _is_cursor(value: Any, depth: int) -> bool:
    if isinstance(value, list):
        return depth < _DEEPEST and all(_is_cursor(each, depth + 1) for each in value)
    return value is None or _is_count(value)


_COMPARED = (
    (
        "pipeline",
        "expected a state of the pipeline '{expected}', got one of '{got}'",
        "build the dataset as it was when the state was saved",
    ),
    (
        "functions",
        "the functions of the pipeline are not those that the state was saved with",
        "restore the functions and what they refer to, or start the epoch again",
    ),
    (
        "source",
        "the data are not those that the state was saved with",
        "read the files that the state was saved with, or start the epoch again",
    ),
)


def _shorten(value: Any) -> str:
    text = repr(value).replace("\n", " ")
    return text if len(text) <= 200 else f"{text[:200]}..."
