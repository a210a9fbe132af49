"""Profile a dataset: in one thread to see what each part costs, then as it is to see where it waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

from headrace.data.pipeline import Source, Stage
from headrace.data.planner import Pipeline
from headrace.data.profiling.clock import read_clock
from headrace.data.profiling.costs import Cost, collect_costs
from headrace.data.profiling.meters import MODEL, TENSORS, Recorder
from headrace.data.profiling.profile import Profile
from headrace.data.profiling.summarize import summarize
from headrace.data.profiling.taps import ProfiledPipeline
from headrace.data.stages import Cache, CacheFile, Map, Prefetch
from headrace.errors import UsageError
from headrace.parallel import available_cpus, return_freed_memory

if TYPE_CHECKING:
    from headrace.data.pipeline import Step

__all__ = ["profile_dataset"]

_ENOUGH_SECONDS = 0.5  # another epoch of a small dataset begins before that
_EPOCHS = 3  # of which the least costs are kept, within the limits


@dataclass(frozen=True)
class Limits:
    """Where a pass ends: after rows, or after seconds; behind the batch that reaches the limit."""

    rows: int | None
    seconds: float


@dataclass
class Pass:
    """What came out of a pipeline."""

    rows: int = 0
    batches: int = 0
    bytes: int = 0
    seconds: float = 0.0
    waited: float = 0.0
    is_complete: bool = False


def profile_dataset(
    source: Source,
    stages: Sequence[Stage],
    epoch: int,
    rows: int | None,
    seconds: float,
    model: Callable[[Any], Any] | None,
) -> Profile:
    """Profile a source and stages; see `Dataset.profile`."""
    limits = Limits(rows, seconds)
    place = _find_empty_cache(source, stages)
    first = None
    if place is not None:
        first = _profile(source, stages[:place], epoch, limits, None)
        if not first.is_complete:
            return first
        for step in Pipeline(source, stages[: place + 1]).stream(0):
            del step
        if _find_empty_cache(source, stages) is not None:  # its rows may change unnoticed
            return first
    return replace(_profile(source, stages, epoch, limits, model), first_epoch=first)


def _find_empty_cache(source: Source, stages: Sequence[Stage]) -> int | None:
    """Return the place of the last cache, if it has no rows yet."""
    places = [place for place, stage in enumerate(stages) if isinstance(stage, Cache | CacheFile)]
    if not places:
        return None
    cached = stages[places[-1]].to_source(Pipeline(source, stages[: places[-1]]), stages[places[-1] + 1 :])
    return places[-1] if cached is not None and cached.num_rows is None else None


def _profile(
    source: Source,
    stages: Sequence[Stage],
    epoch: int,
    limits: Limits,
    model: Callable[[Any], Any] | None,
) -> Profile:
    pipeline, cpus = Pipeline(source, stages), available_cpus()
    plan = pipeline.plan
    is_concurrent = any(
        isinstance(stage, Prefetch) or (isinstance(stage, Map) and stage.is_concurrent)
        for stage in plan.stages
    )
    half = replace(limits, seconds=limits.seconds / 2) if is_concurrent else limits
    first_batch = _warm_up(pipeline, epoch, model)
    recorder = Recorder(watches_process=True)
    serial = ProfiledPipeline(pipeline, recorder, serial=True)
    done = _run(serial, recorder, half, epoch, model, by_epoch=True)
    if not done.rows:
        raise UsageError("the dataset has no rows to profile", hint="check its source and filters")
    watched = recorder
    if is_concurrent:
        watched = Recorder()
        done = _run(ProfiledPipeline(pipeline, watched), watched, half, epoch, model)
    costs = collect_costs(plan, recorder, cpus, is_serial=True)  # now the number of threads is chosen
    profile = _to_profile(pipeline, costs, serial, watched, done, cpus)
    return_freed_memory()  # of the chunks that were read: a training need not read them again soon
    return replace(profile, first_batch_seconds=first_batch)


def _warm_up(pipeline: Pipeline, epoch: int, model: Callable[[Any], Any] | None) -> float:
    """Compute the first batch: what is loaded, opened or inferred for it is not a cost of each batch."""
    start = perf_counter()
    with closing(pipeline.stream(epoch)) as steps:
        first = next(steps, None)
        seconds = perf_counter() - start
        if first is not None and model is not None:
            _Training(Recorder(), model).step(first)
    return seconds


def _to_profile(
    pipeline: Pipeline,
    costs: Sequence[Cost],
    serial: ProfiledPipeline,
    watched: Recorder,
    done: Pass,
    cpus: int,
) -> Profile:
    stages, verdict = summarize(pipeline.plan, costs, serial.samples, watched, cpus)
    return Profile(
        stages=stages,
        verdict=verdict,
        rows=done.rows,
        batches=done.batches,
        bytes=done.bytes,
        seconds=done.seconds,
        model_wait=min(1.0, done.waited / max(done.seconds, 1e-9)),
        cpus=cpus,
        is_complete=done.is_complete,
        spans=watched.spans,
        threads=watched.thread_names,
        fills=watched.fills,
    )


def _run(
    pipeline: ProfiledPipeline,
    recorder: Recorder,
    limits: Limits,
    epoch: int,
    model: Callable[[Any], Any] | None,
    *,
    by_epoch: bool = False,
) -> Pass:
    """Read epochs until a limit is reached, or one has ended and half a second has passed.

    With `by_epoch`, the recorder keeps the least cost of each part in the complete epochs.
    """
    use = None if model is None else _Training(recorder, model).step
    done, epochs = Pass(), []
    with recorder.running():
        start = perf_counter()
        while not done.is_complete or done.seconds < _ENOUGH_SECONDS or (by_epoch and len(epochs) < _EPOCHS):
            before = done.rows
            with closing(pipeline.stream(epoch)) as steps:
                while True:
                    asked = read_clock()
                    step = next(steps, None)
                    got = read_clock()
                    done.waited += got.wall - asked.wall - (got.queued - asked.queued)
                    if step is None:
                        done.is_complete = True
                        break
                    done.rows += step.batch.num_rows
                    done.batches += 1
                    done.bytes += step.batch.nbytes
                    if use is not None:
                        use(step)
                    done.seconds = perf_counter() - start
                    if done.seconds >= limits.seconds or (limits.rows and done.rows >= limits.rows):
                        if epochs:
                            recorder.keep_least(epochs)
                        return done
            epoch += 1
            if by_epoch:
                epochs.append(recorder.cut())
            if done.rows == before:
                break
        done.seconds = perf_counter() - start
    if epochs:
        recorder.keep_least(epochs)
    return done


class _Training:
    """Converts each batch to tensors and hands them to a model; both are measured."""

    def __init__(self, recorder: Recorder, model: Callable[[Any], Any]) -> None:
        from headrace.data.torch.placement import Placement  # loads torch
        from headrace.data.torch.steps import StepConverter

        self._recorder, self._model = recorder, model
        self._convert = StepConverter(Placement(None, False, False)).convert

    def step(self, step: Step) -> None:
        """Convert a batch, and call the model."""
        recorder = self._recorder
        tensors = recorder.call(TENSORS, self._convert, step)
        recorder.count(TENSORS, step.batch.num_rows, step.batch.nbytes)
        recorder.call(MODEL, self._model, tensors)
        recorder.count(MODEL, step.batch.num_rows, 0)
