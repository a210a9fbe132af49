"""Profile some steps of a training: its batches, measured as they are read."""

from __future__ import annotations

from collections.abc import Sequence

from headrace.data.iterator import DatasetIterator
from headrace.data.pipeline import Source, Stage
from headrace.data.planner import Pipeline
from headrace.data.profiling.costs import collect_costs
from headrace.data.profiling.meters import MODEL, TENSORS, Recorder
from headrace.data.profiling.profile import Profile
from headrace.data.profiling.summarize import summarize
from headrace.data.profiling.taps import ProfiledPipeline
from headrace.parallel import available_cpus

__all__ = ["ProfiledBatches"]


class ProfiledBatches:
    """The batches of a dataset, measured while a recorder is on; an iterable for `TorchBatches`.

    Args:
        source: Where the rows come from.
        stages: The stages applied to them.
        epoch: The epoch to iterate.
        recorder: Adds up the costs.

    Attributes:
        epoch_number: The epoch to iterate.
        num_batches: None.
    """

    num_batches: int | None = None

    def __init__(self, source: Source, stages: Sequence[Stage], epoch: int, recorder: Recorder) -> None:
        self._pipeline = Pipeline(source, stages)
        self._recorder, self.epoch_number = recorder, epoch
        self._profiled = ProfiledPipeline(self._pipeline, recorder)

    def __iter__(self) -> DatasetIterator:
        return DatasetIterator(self._profiled, self.epoch_number)

    def epoch(self, number: int) -> ProfiledBatches:
        """Select an epoch."""
        return ProfiledBatches(self._pipeline.source, self._pipeline.stages, number, self._recorder)

    def divide_batches(self, index: int, workers: int) -> ProfiledBatches:  # noqa: ARG002
        """Return the batches themselves: a training has no workers."""
        return self

    def summarize(self, steps: tuple[int, int], seconds: float, waited: float) -> Profile:
        """Make the profile of the steps that the recorder has measured.

        Args:
            steps: The first step and the one behind the last.
            seconds: Seconds of the clock that they took.
            waited: Seconds of these in which the training waited for batches.
        """
        recorder, cpus, plan = self._recorder, available_cpus(), self._pipeline.plan
        costs = collect_costs(plan, recorder, cpus, is_serial=False)
        stages, verdict = summarize(plan, costs, self._profiled.samples, recorder, cpus)
        last = recorder.meter(TENSORS)
        return Profile(
            stages=stages,
            verdict=verdict,
            rows=last.rows,
            batches=recorder.meter(MODEL).calls,
            bytes=last.bytes,
            seconds=seconds,
            model_wait=min(1.0, waited / max(seconds, 1e-9)),
            cpus=cpus,
            is_complete=False,
            steps=steps,
            spans=tuple(recorder.spans),
            threads=dict(recorder.thread_names),
            fills=dict(recorder.fills),
        )
