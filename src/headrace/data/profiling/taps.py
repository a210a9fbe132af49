"""Put meters into a plan: behind the source and each stage, and around functions and readers of rows.

A plan that is not profiled has none of them: taps are stages of their own, in a copy of the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from headrace.data.iterator import PipelineIdentity
from headrace.data.pipeline import Cursor, RowEffect, Stage, Steps, Upstream
from headrace.data.plan import RowReader
from headrace.data.planner import Pipeline, Plan
from headrace.data.profiling.meters import Recorder
from headrace.data.stages import Map, Prefetch
from headrace.data.user_function import function_name

__all__ = ["SOURCE", "ProfiledPipeline", "describe_stage", "name_stage", "put_taps", "work_of"]

SOURCE = "0 source"
_KEPT_ROWS = 4096  # of the input of a function, for probes


def name_stage(number: int, stage: Stage) -> str:
    """Return the name of the meter of a stage, which is numbered from 1."""
    return f"{number} {describe_stage(stage)}"


def describe_stage(stage: Stage) -> str:
    """Describe a stage in a few words: `map(decode)`."""
    if isinstance(stage, Prefetch):
        return f"prefetch({'' if stage.batches == 'auto' else stage.batches})"
    text = stage.spec or type(stage).__name__.lower()
    return text if len(text) <= 40 else f"{text[:39]}…"


def work_of(name: str) -> str:
    """Return the name of the meter of what threads do for a stage: its function, or its reader of rows."""
    return f"{name}: work"


def put_taps(plan: Plan, recorder: Recorder, *, serial: bool, samples: dict[str, list[Any]]) -> Plan:
    """Return a plan whose costs a recorder adds up.

    Args:
        plan: The plan.
        recorder: Adds up the costs.
        serial: Whether everything runs in the thread that iterates, apart from threads inside sources.
        samples: Receives some input batches of each function, by the name of its stage.
    """
    stages: list[Stage] = [_Tap(SOURCE, recorder)]
    queue: str | None = None
    for number, stage in enumerate(plan.stages, 1):
        name = name_stage(number, stage)
        if isinstance(stage, Prefetch) and serial:
            continue
        if isinstance(stage, Map):
            stage = _measure_function(stage, name, recorder, samples.setdefault(name, []), serial=serial)
        queue = name if isinstance(stage, Prefetch) else None
        if queue is not None:
            stages[-1] = replace(stages[-1], feeds=queue)  # pyright: ignore[reportArgumentType]
        stages += [stage, _Tap(name, recorder, empties=queue)]
    reader = None if plan.reader is None else _MeasuredReader(plan.reader, recorder, serial)
    return replace(plan, reader=reader, stages=tuple(stages))


def _measure_function(stage: Map, name: str, recorder: Recorder, samples: list[Any], *, serial: bool) -> Map:
    if stage.processes and not serial:
        return stage
    function = _MeasuredFunction(stage.function, work_of(name), recorder, samples)
    return Map(function, 1 if serial else stage.threads, tuner=stage.tuner)


@dataclass(frozen=True)
class _Tap(Stage):
    """Passes steps on, and measures what they cost up to here.

    Attributes:
        name: The name of the stage in front of the tap.
        recorder: Adds up the costs.
        feeds: The stage behind the tap, if it is a queue.
        empties: The stage in front of the tap, if it is a queue.
    """

    name: str
    recorder: Recorder
    feeds: str | None = None
    empties: str | None = None

    @property
    def spec(self) -> str:
        """Empty: the stream does not change."""
        return ""

    @property
    def row_effect(self) -> RowEffect:
        """Rows keep their places."""
        return "same"

    def stream(self, upstream: Upstream, epoch: int, cursor: Cursor = None) -> Steps:
        """Yield the same steps."""
        recorder, name = self.recorder, self.name
        waiting = recorder.waiting
        with closing(upstream(epoch, cursor)) as steps:
            while True:
                if self.empties is not None:
                    recorder.note_fill(name, perf_counter(), waiting.get(name, 0))
                if name == SOURCE:
                    step = recorder.call_source(name, next, steps, None)
                    recorder.read_hidden()
                else:
                    step = recorder.call(name, next, steps, None)
                if step is None:
                    return
                if self.empties is not None:
                    waiting[name] = waiting.get(name, 0) - 1
                recorder.count(name, step.batch.num_rows, step.batch.nbytes)
                if self.feeds is not None:
                    waiting[self.feeds] = waiting.get(self.feeds, 0) + 1
                yield step


class _MeasuredFunction:
    """A user's function, measured in each thread that calls it."""

    def __init__(
        self, function: Callable[[pa.RecordBatch], Any], name: str, recorder: Recorder, samples: list[Any]
    ) -> None:
        self._function, self._name, self._recorder, self._samples = function, name, recorder, samples
        self.__qualname__ = function_name(function)
        self._sampled = 0

    def __call__(self, batch: pa.RecordBatch) -> Any:
        if self._sampled < _KEPT_ROWS and batch.num_rows:
            self._samples.append(batch.slice(0, _KEPT_ROWS - self._sampled))
            self._sampled += self._samples[-1].num_rows
        return self._recorder.call(self._name, self._function, batch)


class _MeasuredReader:
    """A reader of rows by number, measured in each thread that reads; see `RowReader`."""

    def __init__(self, reader: RowReader, recorder: Recorder, serial: bool) -> None:
        self._reader, self._recorder, self._serial = reader, recorder, serial

    @property
    def num_rows(self) -> int:
        return self._reader.num_rows

    @property
    def row_bytes(self) -> float:
        return self._reader.row_bytes

    @property
    def blocks(self) -> NDArray[np.int64] | None:
        return self._reader.blocks

    @property
    def in_memory(self) -> bool:
        return self._serial or self._reader.in_memory

    def take(self, rows: NDArray[np.int64]) -> pa.RecordBatch:
        return self._recorder.call(work_of(SOURCE), self._reader.take, rows)

    def scan(self, start: int) -> Iterator[pa.RecordBatch]:
        return self._reader.scan(start)


class ProfiledPipeline:
    """A pipeline whose streams a recorder measures.

    Args:
        pipeline: The pipeline.
        recorder: Adds up the costs.
        serial: Whether everything runs in the thread that iterates, apart from threads inside sources.

    Attributes:
        samples: Some input batches of each function, by the name of its stage.
    """

    def __init__(self, pipeline: Pipeline, recorder: Recorder, *, serial: bool = False) -> None:
        self._pipeline, self._recorder, self._serial = pipeline, recorder, serial
        self.samples: dict[str, list[pa.RecordBatch]] = {}

    def stream(self, epoch: int, cursor: Cursor = None) -> Steps:
        """Open the stream of an epoch at a cursor."""
        self._recorder.waiting.clear()
        plan = put_taps(self._pipeline.prepare(), self._recorder, serial=self._serial, samples=self.samples)
        return plan.stream(epoch, cursor)

    def identify(self) -> PipelineIdentity:
        """Return what a saved position is valid for."""
        return self._pipeline.identify()

    def find_cursor(self, rows: int) -> Cursor | None:
        """Find the cursor after `rows` rows."""
        return self._pipeline.find_cursor(rows)
