"""Measure what each part of a pipeline costs, without the profiler: run the pipeline without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import process_time
from typing import Any

import headrace as hr
from bench.profile.pipelines import Part, Pipeline

__all__ = ["Truth", "find_truth"]

_PASSES = 3
FACTOR = 1.5


@dataclass(frozen=True)
class Truth:
    """The bottleneck of a pipeline, as measured.

    Attributes:
        part: The part that costs most.
        lead: Its cost divided by that of the second.
        gain: How many times as fast the pipeline is without it.
        costs: Seconds of a pass that each part adds.
    """

    part: Part
    lead: float
    gain: float
    costs: dict[str, float]

    @property
    def is_known(self) -> bool:
        """Whether the bottleneck is at least 1.5 times as slow as anything else."""
        return self.lead >= FACTOR and self.gain >= FACTOR


def find_truth(pipeline: Pipeline) -> Truth:
    """Measure the cost of each part: CPU seconds and known waits of a pass with it, less those without it.

    A part that works on several threads at the same time adds its cost divided by their number.
    """
    whole = _measure(pipeline, "")
    parts = [part for part in pipeline.parts if part.cause]
    without = {part.name: _measure(pipeline, part.name) for part in parts}
    costs = {part.name: max(0.0, whole - without[part.name]) / part.workers for part in parts}
    order = sorted(parts, key=lambda part: costs[part.name], reverse=True)
    first, second = costs[order[0].name], costs[order[1].name] if len(order) > 1 else 0.0
    lead = first / max(second, 1e-9)
    return Truth(order[0], lead, whole / max(without[order[0].name], 1e-9), costs)


def _measure(pipeline: Pipeline, without: str) -> float:
    """Return seconds of a pass: the least of three."""
    ds, model = pipeline.build(without)
    seconds = []
    for _ in range(_PASSES):
        cpu, waited = process_time(), pipeline.waited
        _run(ds, model)
        seconds.append(process_time() - cpu + pipeline.waited - waited)
    return min(seconds)


def _run(ds: hr.Dataset, model: Callable[[Any], Any] | None) -> None:
    if model is None:
        for batch in ds:
            del batch
        return
    for tensors in ds.to_torch():
        model(tensors)
